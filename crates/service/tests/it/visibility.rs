//! Who may see and do what, as one table for an auditor. What somebody may not see does not exist for them.

use crate::scene::{BROKEN, COMMANDS, Scene, breaks};
use crate::world::World;
use crate::world::people::{administrator, approver, person, requester};
use domain::role::Role;
use service::access_requests::AccessRequestFilter;
use service::caller::PersonCaller;
use service::opt_outs::OptOutFilter;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::fmt::Write as _;

fn callers() -> [(&'static str, PersonCaller); 11] {
    [
        ("asked for it", requester("alice.meyer")),
        ("asked, every role", person("alice.meyer", &Role::ALL)),
        ("covered by it", requester("hanna.lindt")),
        ("bystander", requester("lena.fischer")),
        ("owner, approver", approver("ravi.patel")),
        ("owner, no such role", requester("ravi.patel")),
        ("approver elsewhere", approver("bob.okafor")),
        ("auditor", person("aya.tanaka", &[Role::Auditor])),
        ("administrator", administrator("petra.lindqvist")),
        ("policy author", person("samir.haidari", &[Role::PolicyAuthor])),
        ("no role", person("lena.fischer", &[])),
    ]
}

/// Nothing can be recorded while the table is made: what is allowed comes as far as its record and is undone, so that
/// every cell is told of the same state.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_may_see_and_do_what(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let scene = Scene::set(&world).await;
    breaks(&world, "events").await;
    let before = world.rows().await;
    let mut table = String::new();
    for command in COMMANDS {
        writeln!(table, "{command}").unwrap();
        for (who, caller) in callers() {
            let told = scene.told(&world, &caller, command).await;
            let told = if told == BROKEN { "done".to_owned() } else { told };
            writeln!(table, "    {who:<20} {told}").unwrap();
        }
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    insta::assert_snapshot!(table);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn lists_hold_one_s_own_for_those_who_may_not_see_all(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let scene = Scene::set(&world).await;
    let of_another = world.requested_deployment().await;
    let by_another = world
        .opts_out("dana.roth", &crate::world::deployment_bypass())
        .await
        .unwrap();
    let mut table = String::new();
    for (who, caller) in callers() {
        let requests = world
            .service
            .access_requests(&caller, AccessRequestFilter::default(), false, 50)
            .await
            .unwrap();
        let opt_outs = world
            .service
            .opt_outs(&caller, OptOutFilter::default(), false, 50)
            .await
            .unwrap();
        let inbox = world.service.inbox(&caller).await.unwrap();
        writeln!(
            table,
            "{who:<20} {} requests, {} opt-outs, {} to decide",
            requests.requests.len(),
            opt_outs.opt_outs.len(),
            inbox.items.len()
        )
        .unwrap();
        let sees_other = requests
            .requests
            .iter()
            .any(|request| request.id == of_another.id);
        let sees_opt_out = opt_outs
            .opt_outs
            .iter()
            .any(|found| found.opt_out.id == by_another.id);
        assert_eq!(
            (sees_other, sees_opt_out),
            (
                caller.may(domain::role::Permission::ReadAll),
                caller.may(domain::role::Permission::ReadAll)
            ),
            "{who}"
        );
    }
    assert_ne!(scene.request, of_another.id);
    insta::assert_snapshot!(table);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn precedents_are_shown_to_those_only_who_see_them_by_themselves(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let hers = world.asks("hanna.lindt", "read", "database ledger-db").await;
    let (hers, _) = world
        .files(crate::world::asking::submission(&hers))
        .await
        .unwrap();
    world.approves("ravi.patel", hers.id).await.unwrap();
    let scene = Scene::set(&world).await;
    let seen = async |caller: PersonCaller| {
        world
            .service
            .access_request(&caller, scene.request)
            .await
            .unwrap()
            .similar
            .len()
    };
    assert_eq!(seen(approver("ravi.patel")).await, 1);
    assert_eq!(
        seen(requester("alice.meyer")).await,
        0,
        "what Hanna asked for is not Alice's to read"
    );
}
