//! Who may see and do what, as one table for an auditor. What somebody may not see does not exist for them.

use crate::scene::{
    BROKEN, Command, OF_CLIENTS, READS, Scene, UNATTENDED, UNRECORDED, UNRECORDED_TABLES, WRITES, breaks,
};
use crate::world::World;
use crate::world::people::{administrator, approver, person, requester};
use domain::digest::Digest;
use domain::role::{Permission, Role};
use service::access_requests::AccessRequestFilter;
use service::caller::{ClientCaller, PersonCaller, SentToken};
use service::opt_outs::OptOutFilter;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::fmt::Write as _;

fn callers() -> [(&'static str, PersonCaller); 17] {
    let only = |name, role| person(name, &[role]);
    [
        ("asked for it", requester("alice.meyer")),
        ("asked, every role", person("alice.meyer", &Role::ALL)),
        ("asked, no role", person("alice.meyer", &[])),
        ("covered by it", requester("hanna.lindt")),
        ("bystander", requester("lena.fischer")),
        ("owner, approver", approver("ravi.patel")),
        ("owner, approver alone", only("ravi.patel", Role::Approver)),
        ("owner, no such role", requester("ravi.patel")),
        ("approver elsewhere", approver("bob.okafor")),
        ("auditor", only("aya.tanaka", Role::Auditor)),
        ("administrator", administrator("petra.lindqvist")),
        (
            "administrator alone",
            only("petra.lindqvist", Role::Administrator),
        ),
        ("policy author", only("samir.haidari", Role::PolicyAuthor)),
        ("responder alone", only("jonas.weber", Role::Responder)),
        ("responder elsewhere", only("lena.fischer", Role::Responder)),
        ("no role", person("lena.fischer", &[])),
        ("nobody known", requester("no.such.person")),
    ]
}

/// The client, known by a token that was rotated out since.
fn with_old_token(client: &ClientCaller) -> ClientCaller {
    ClientCaller {
        token: Some(SentToken {
            sha256: Digest::of(b"an old token"),
            at: "2026-03-04T10:00:00Z".parse().unwrap(),
        }),
        ..client.clone()
    }
}

/// What each caller is told by each command. What comes as far as its record is done.
async fn told<Caller>(
    world: &World,
    scene: &Scene,
    commands: &[Command<Caller>],
    callers: &[(&str, Caller)],
    table: &mut String,
) {
    for command in commands {
        writeln!(table, "{}", command.name).unwrap();
        for (who, caller) in callers {
            let told = (command.run)(scene, world, caller).await;
            let told = if told == BROKEN { "done".to_owned() } else { told };
            writeln!(table, "    {who:<21} {told}").unwrap();
        }
    }
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
    for commands in [READS, WRITES] {
        told(&world, &scene, commands, &callers(), &mut table).await;
    }
    for unrecorded in UNRECORDED_TABLES {
        breaks(&world, unrecorded).await;
    }
    told(&world, &scene, UNRECORDED, &callers(), &mut table).await;
    assert_eq!(world.rows().await, before, "nothing was written");
    insta::assert_snapshot!(table);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn which_client_may_see_and_do_what(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let scene = Scene::set(&world).await;
    let callers = [
        ("its client", world.gateway.clone()),
        ("another client", world.psql.clone()),
        ("monitor", scene.monitor.clone()),
        ("incident tool", scene.incident_tool.clone()),
        ("revoked", scene.revoked.clone()),
        ("its client, old token", with_old_token(&world.gateway)),
    ];
    breaks(&world, "events").await;
    let mut table = String::new();
    told(&world, &scene, OF_CLIENTS, &callers, &mut table).await;
    insta::assert_snapshot!(table);
}

/// What runs without a caller runs here, on what there is and nothing to do.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_nobody_calls_runs_by_itself(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let scene = Scene::set(&world).await;
    breaks(&world, "events").await;
    let mut table = String::new();
    told(&world, &scene, UNATTENDED, &[("nobody", ())], &mut table).await;
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
    let readers = callers()
        .into_iter()
        .filter(|(_, caller)| caller.may(Permission::ReadOwn));
    for (who, caller) in readers {
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
            (caller.may(Permission::ReadAll), caller.may(Permission::ReadAll)),
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
