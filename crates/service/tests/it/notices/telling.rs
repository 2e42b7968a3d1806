//! The right audience for each event, never about one's own act, and in the transaction of the command.

use crate::scene::{breaks, mends};
use crate::world::asking::{ask, submission};
use crate::world::people::{approver, requester};
use crate::world::{World, bypass, deployment_bypass, to_manual};
use domain::notice::EndpointKind;
use serde_json::json;
use service::notices::Content;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::fmt::Write as _;

struct Table(String);

impl Table {
    async fn of(&mut self, world: &World, act: &str) {
        writeln!(self.0, "{act}").unwrap();
        for line in world.told().await {
            writeln!(self.0, "    {line}").unwrap();
        }
    }
}

/// One table that somebody who knows the organisation can check: owners of payments are bob, mara and tom; omar, ines,
/// samir, sofia and erik are security; jonas answers for ci/payments.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_is_told_what(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let mut table = Table(String::new());

    let request = world.requested_deployment().await;
    table.of(&world, "the pipeline asks to deploy").await;
    world.approves("bob.okafor", request.id).await.unwrap();
    table.of(&world, "bob approves it").await;
    let grant = world.grant(request.id).await.unwrap();
    world
        .service
        .end_grant(&approver("mara.silva"), grant.id, "Over")
        .await
        .unwrap();
    table.of(&world, "mara takes the grant back").await;

    let started = json!({ "initiator": "tom.becker", "commit": "4f1c" });
    let on = "service payments-prod";
    let denial = ask(
        &world.decider,
        &world.gateway,
        "ci/payments",
        "deploy",
        on,
        started,
    )
    .await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    table
        .of(&world, "tom, an owner, starts the pipeline that asks")
        .await;
    world.denies("mara.silva", request.id).await.unwrap();
    table.of(&world, "mara denies it").await;

    let request = world.requested_deployment().await;
    world.told().await;
    world
        .service
        .cancel_access_request(&world.gateway, request.id, None)
        .await
        .unwrap();
    table.of(&world, "its client cancels it").await;
    world.requested_deployment().await;
    world.told().await;
    world.hours_pass(3);
    world.service.report_ends().await.unwrap();
    table.of(&world, "nobody decides in two hours").await;

    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    table.of(&world, "alice asks for a bypass for the pipeline").await;
    world.agrees("bob.okafor", asked.id).await.unwrap();
    table.of(&world, "bob agrees, security comes next").await;
    world.agrees("omar.haddad", asked.id).await.unwrap();
    table.of(&world, "omar agrees, it is in force").await;
    world
        .service
        .revoke_opt_out(&requester("alice.meyer"), asked.id, "Done")
        .await
        .unwrap();
    table.of(&world, "alice ends it").await;

    let for_hanna = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
    let asked = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
    table.of(&world, "alice asks for a bypass for hanna").await;
    world.rejects("noor.aziz", asked.id).await.unwrap();
    table.of(&world, "noor rejects it").await;

    let asked = world
        .opts_out("dana.roth", &to_manual("hanna.lindt"))
        .await
        .unwrap();
    table.of(&world, "dana wants hanna out of the automation").await;
    world
        .service
        .withdraw_opt_out(&requester("dana.roth"), asked.id)
        .await
        .unwrap();
    table.of(&world, "dana takes that back").await;
    world
        .opts_out("dana.roth", &to_manual("hanna.lindt"))
        .await
        .unwrap();
    world.told().await;
    world.hours_pass(24 * 8);
    world.service.report_ends().await.unwrap();
    table.of(&world, "nobody decides on it").await;

    let in_force = world.bypass_in_force(&deployment_bypass()).await;
    world.told().await;
    world.hours_pass(5);
    world.service.report_ends().await.unwrap();
    table.of(&world, "a bypass comes to its end").await;
    assert_eq!(
        world.events_of(in_force.id).await.last(),
        Some(&"opt_out.expired")
    );

    let voided = world.requested_deployment().await;
    world.told().await;
    let refuses = "context.capability == \"deploy\" && !principal.protected_branch";
    world
        .policy_changes("rules/access.cedar", refuses, "context.capability == \"deploy\"")
        .await;
    let _ = world.approves("bob.okafor", voided.id).await;
    table.of(&world, "bob votes on what policy refuses by now").await;
    insta::assert_snapshot!(table.0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_says_who_and_why(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let webhook = world.endpoint(EndpointKind::Webhook, "").await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.rejects("bob.okafor", asked.id).await.unwrap();
    assert_eq!(
        world.reads("alice.meyer").await,
        ["Bob Okafor rejected “Payout fix”"]
    );
    let said: Vec<_> = world
        .due()
        .await
        .into_iter()
        .filter_map(|claimed| match claimed.content {
            Content::One(notice) => Some((notice.wire_type(), notice.by, notice.why)),
            Content::Digest { .. } => None,
        })
        .collect();
    let who = |name: &str| Some(name.to_owned());
    let reason = deployment_bypass().reason;
    assert_eq!(said.len(), 3, "{webhook}: a program is told of everything");
    assert!(said.contains(&("opt_out.requested".into(), who("Alice Meyer"), Some(reason))));
    assert!(said.contains(&(
        "opt_out.denied".into(),
        who("Bob Okafor"),
        Some("Wake somebody up".into())
    )));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_rolled_back_is_told_to_nobody_and_what_cannot_be_told_is_rolled_back(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Webhook, "").await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.told().await;
    let before = world.rows().await;
    for table in ["events", "ledger_pending", "notices", "deliveries"] {
        breaks(&world, table).await;
        assert!(world.agrees("bob.okafor", asked.id).await.is_err(), "{table}");
        mends(&world, table).await;
        assert_eq!(world.rows().await, before, "{table}");
        assert!(world.told().await.is_empty(), "{table}");
    }
    world.agrees("bob.okafor", asked.id).await.unwrap();
    assert_eq!(world.told().await.len(), 5, "security, once");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_channel_hears_of_its_tiers_alone_and_a_chat_of_a_request_once(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Slack, "#critical-access").await;
    world.endpoint(EndpointKind::Slack, "#data-access").await;
    world.endpoint(EndpointKind::Teams, "").await;
    world.endpoint(EndpointKind::Webhook, "").await;
    // Critical.
    world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let due = world.due().await;
    let count = |kind: &str| {
        due.iter()
            .filter(|claimed| format!("{:?}", claimed.to).starts_with(kind))
            .count()
    };
    assert_eq!((count("Slack"), count("Teams"), count("Webhook")), (1, 1, 2));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn somebody_who_has_left_is_told_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.told().await;
    world
        .directory_changes(|directory| {
            directory.principals.retain(|one| one.id != "alice.meyer");
            for group in directory.groups.values_mut() {
                group.members.retain(|member| member != "alice.meyer");
            }
        })
        .await;
    world.rejects("bob.okafor", asked.id).await.unwrap();
    assert!(world.reads("alice.meyer").await.is_empty());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_s_notices_are_one_s_own(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.requested_deployment().await;
    let (bob, mara) = (approver("bob.okafor"), approver("mara.silva"));
    let of_bob = world.service.notices(&bob, None, 10).await.unwrap();
    assert_eq!((of_bob.notices.len(), of_bob.unread), (1, 1));
    let id = of_bob.notices[0].id;
    let told = world.service.read_notice(&mara, id).await;
    assert_eq!(crate::world::outcome(&told), "not found");
    world.service.read_notice(&bob, id).await.unwrap();
    world.service.read_notice(&bob, id).await.unwrap();
    assert_eq!(world.service.unread_notices(&bob).await.unwrap(), 0);
    assert_eq!(world.service.unread_notices(&mara).await.unwrap(), 1);
    // What came since the page was shown stays unread.
    world.minutes_pass(1);
    world.requested_deployment().await;
    assert_eq!(world.service.read_notices(&bob, id).await.unwrap(), 0);
    assert_eq!(world.service.unread_notices(&bob).await.unwrap(), 1);
}
