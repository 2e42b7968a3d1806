//! What ends with its incident, and what is suspended by its end.

use super::on;
use crate::delegations::lending;
use crate::world::incidents::{tells, tool, tool_of};
use crate::world::people::approver;
use crate::world::{World, deployment_bypass, outcome};
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::incident::IncidentState;
use domain::opt_out::{Details, OptOutState};
use service::incidents::IncidentInput;
use service::opt_outs::{OptOutInput, PremiseInput};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The case says that it ends with its incident, half an hour after.
fn bound() -> OptOutInput {
    OptOutInput {
        scenario: "incident-response".parse().unwrap(),
        details: Details {
            incident_id: Some("INC-4471".to_owned()),
            ..Details::default()
        },
        ..deployment_bypass()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_ends_a_while_after_its_incident_or_at_its_own_end(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let pager = tool(&world, "pager").await;
    let short = OptOutInput {
        length_secs: Some(600),
        ..bound()
    };
    let long = world.bypass_in_force(&bound()).await;
    let ends_first = world.bypass_in_force(&short).await;
    let told = tells(&world, &pager, IncidentState::Open).await.unwrap();
    assert!(told.new);
    world.told().await;
    tells(&world, &pager, IncidentState::Resolved).await.unwrap();
    let cut = world.opt_out(long.id).await.opt_out;
    assert_eq!(cut.window.ends_at(), world.now() + TimeDelta::minutes(30));
    assert_eq!(
        world.opt_out(ends_first.id).await.opt_out.window,
        ends_first.window,
        "its own end comes first"
    );
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: ending_soon".to_owned()), "{told:?}");
    assert!(world.may_deploy().await);
    // Opened again, what has ended with it stays as short as it is.
    tells(&world, &pager, IncidentState::Open).await.unwrap();
    world.minutes_pass(29);
    assert!(world.may_deploy().await);
    world.minutes_pass(1);
    assert!(!world.may_deploy().await, "no job has run");
    world.service.report_ends().await.unwrap();
    assert_eq!(world.opt_out(long.id).await.opt_out.state, OptOutState::Expired);
    assert_eq!(
        world.events_of("INC-4471").await,
        ["incident.opened", "incident.resolved", "incident.opened"]
    );
    assert_eq!(
        world
            .events_of(long.id)
            .await
            .iter()
            .rev()
            .take(2)
            .collect::<Vec<_>>(),
        [&"opt_out.expired", &"opt_out.cut_short"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_incident_that_is_over_before_the_approval_leaves_what_its_grace_leaves(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let pager = tool(&world, "pager").await;
    let early = world.opts_out("alice.meyer", &bound()).await.unwrap();
    let late = world.opts_out("alice.meyer", &bound()).await.unwrap();
    let scheduled = OptOutInput {
        starts_at: Some(world.now() + TimeDelta::hours(2)),
        length_secs: Some(3_600),
        ..bound()
    };
    let scheduled = world.bypass_in_force(&scheduled).await;
    for id in [early.id, late.id] {
        world.agrees("bob.okafor", id).await.unwrap();
    }
    tells(&world, &pager, IncidentState::Resolved).await.unwrap();
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &bound()).await),
        "invalid details/incident_id resolved"
    );
    assert_eq!(
        world.opt_out(scheduled.id).await.opt_out.state,
        OptOutState::Revoked,
        "it would end before it begins"
    );
    world.minutes_pass(10);
    let approved = world.agrees("omar.haddad", early.id).await.unwrap();
    assert_eq!(approved.window.length_secs(), 1_200);
    world.minutes_pass(20);
    assert_eq!(
        outcome(&world.agrees("omar.haddad", late.id).await),
        "conflict incident_resolved"
    );
    assert!(!world.may_deploy().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_open_incident_as_a_premise_suspends_on_every_node_at_its_end(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (_, elsewhere) = world.another_node().await;
    let pager = tool(&world, "pager").await;
    tells(&world, &pager, IncidentState::Open).await.unwrap();
    let input = on(PremiseInput::IncidentOpen {
        incident: "INC-4471".to_owned(),
    });
    let bypass = world.bypass_in_force(&input).await;
    assert!(world.may_deploy().await);
    let before = world.asks("ci/payments", "deploy", "service payments-prod").await;
    tells(&world, &pager, IncidentState::Resolved).await.unwrap();
    let there = crate::world::asking::ask(
        &elsewhere,
        &world.gateway,
        "ci/payments",
        "deploy",
        "service payments-prod",
        serde_json::json!({}),
    )
    .await;
    assert!(
        !there.evaluation.answer,
        "on the other node too, from the commit on"
    );
    assert_eq!(
        world.opt_out(bypass.id).await.opt_out.state,
        OptOutState::Suspended
    );
    // The decision before read that it was open, and replays so.
    assert_eq!(before.evaluation.premises.len(), 1);
    let replay = world.service.replay(before.id).await.unwrap();
    assert!(replay.agrees(), "{replay:?}");
    tells(&world, &pager, IncidentState::Open).await.unwrap();
    assert!(!world.may_deploy().await);
    world
        .asks_again("alice.meyer", bypass.id, "It burns again.")
        .await
        .unwrap();
    world.agrees("bob.okafor", bypass.id).await.unwrap();
    world.agrees("omar.haddad", bypass.id).await.unwrap();
    assert!(world.may_deploy().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_a_client_with_the_right_tells_and_only_of_its_own(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let pager = tool(&world, "pager").await;
    for overlapping in ["INC-", "INC-4", "I", ""] {
        let taken = tool_of(&world, "other", overlapping).await;
        assert_eq!(outcome(&taken), "invalid incidents overlaps", "{overlapping:?}");
    }
    let other = tool_of(&world, "other", "PD-").await.unwrap();
    assert_eq!(
        outcome(&tells(&world, &world.gateway, IncidentState::Open).await),
        "forbidden may_not_tell"
    );
    tells(&world, &pager, IncidentState::Open).await.unwrap();
    let again = tells(&world, &pager, IncidentState::Open).await.unwrap();
    assert!(!again.new);
    assert_eq!(
        outcome(&tells(&world, &other, IncidentState::Resolved).await),
        "forbidden not_covered"
    );
    assert_eq!(world.count(EventKind::IncidentOpened).await, 1);
    for id in ["", " INC-1", "a\nb", &"x".repeat(65)] {
        let input = IncidentInput {
            id: id.to_owned(),
            state: IncidentState::Open,
            title: String::new(),
        };
        let refused = world.service.tell_of_incident(&pager, &input).await;
        assert_eq!(outcome(&refused), "invalid id unreadable", "{id:?}");
    }
    let next = IncidentInput {
        id: "INC-4472".to_owned(),
        state: IncidentState::Open,
        title: String::new(),
    };
    assert_eq!(
        outcome(&world.service.tell_of_incident(&other, &next).await),
        "forbidden not_covered",
        "nobody takes another's next number"
    );
    world
        .service
        .revoke_client(
            &crate::world::people::administrator("petra.lindqvist"),
            pager.client.id,
        )
        .await
        .unwrap();
    assert_eq!(
        outcome(&tells(&world, &pager, IncidentState::Resolved).await),
        "forbidden client_revoked"
    );
    // The tool that comes in its place has its incidents too.
    let successor = tool(&world, "pager of this year").await;
    let over = tells(&world, &successor, IncidentState::Resolved).await.unwrap();
    assert_eq!(
        (over.incident.client, over.incident.state, over.new),
        (successor.client.id, IncidentState::Resolved, false)
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_can_put_it_back_is_reminded_deputies_too_and_silence_is_told_of(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let pager = tool(&world, "pager").await;
    tells(&world, &pager, IncidentState::Open).await.unwrap();
    let mut input = on(PremiseInput::IncidentOpen {
        incident: "INC-4471".to_owned(),
    });
    input.length_secs = Some(3 * 86_400);
    let bypass = world.opts_out("jonas.weber", &input).await.unwrap();
    world.agrees("bob.okafor", bypass.id).await.unwrap();
    world.agrees("omar.haddad", bypass.id).await.unwrap();
    tells(&world, &pager, IncidentState::Resolved).await.unwrap();
    tells(&world, &pager, IncidentState::Open).await.unwrap();
    let lent = lending(&world, "ravi.patel");
    world
        .service
        .make_delegation(&approver("bob.okafor"), &lent)
        .await
        .unwrap();
    world.told().await;
    world
        .asks_again("jonas.weber", bypass.id, "It burns again.")
        .await
        .unwrap();
    let told = |kind: &str| -> Vec<String> {
        ["bob.okafor", "mara.silva", "ravi.patel", "tom.becker"]
            .map(|person| format!("{person}: {kind}"))
            .into()
    };
    assert_eq!(world.told().await, told("stage_reached"));
    // Two days, by the tier.
    for hours in [24, 20] {
        world.service.tell_times().await.unwrap();
        assert!(world.told().await.is_empty());
        world.hours_pass(hours);
        assert_eq!(
            world.service.tell_times().await.unwrap(),
            1,
            "after {hours} hours"
        );
        assert_eq!(world.told().await, told("reminder"));
    }
    world.hours_pass(4);
    assert_eq!(
        world.service.tell_times().await.unwrap(),
        2,
        "and that it ends in a day"
    );
    let lapsed = world.told().await;
    assert!(lapsed.contains(&"jonas.weber: lapsed".to_owned()), "{lapsed:?}");
    assert!(lapsed.contains(&"bob.okafor: lapsed".to_owned()), "{lapsed:?}");
    assert_eq!(world.service.tell_times().await.unwrap(), 0, "once");
    // Asked once more, the marks are new ones.
    world
        .asks_again("jonas.weber", bypass.id, "It still burns.")
        .await
        .unwrap();
    world.told().await;
    // It ends in a day.
    world.hours_pass(12);
    assert_eq!(world.service.tell_times().await.unwrap(), 1);
    assert_eq!(world.told().await, told("reminder"));
}
