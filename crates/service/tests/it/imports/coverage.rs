//! Opt-outs that cover less once the directory has changed.

use super::{codes, refusals};
use crate::world::{World, deployment_bypass, to_manual};
use domain::event::EventKind;
use domain::opt_out::{Direction, OptOut, OptOutState};
use domain::scope::{ResourceSelector, Scope};
use service::directory::DirectoryFile;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const SERVICE: &str = "search-staging";

fn renamed_service(directory: &DirectoryFile, from: &str, to: &str) -> DirectoryFile {
    let mut changed = directory.clone();
    let service = changed.resources.iter_mut().find(|one| one.id == from).unwrap();
    to.clone_into(&mut service.id);
    changed
}

/// A service that is held for review.
async fn held(world: &World) -> OptOut {
    let mut input = to_manual("ci/payments");
    input.scope = Scope {
        resources: Some(
            [ResourceSelector::Id(crate::world::asking::resource(&format!(
                "service {SERVICE}"
            )))]
            .into(),
        ),
        ..Scope::default()
    };
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    for approver in ["ines.marchetti", "yuki.mori", "omar.haddad"] {
        let _ = world.agrees(approver, asked.id).await;
    }
    let stored = world.opt_out(asked.id).await.opt_out;
    assert_eq!(stored.direction, Direction::ToManual);
    assert_eq!(stored.state, OptOutState::Approved);
    stored
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_renamed_resource_does_not_step_out_of_a_hold_without_a_word(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world.told().await;
    let hold = held(&world).await;
    let before = world
        .asks("ci/payments", "deploy", &format!("service {SERVICE}"))
        .await;
    world.told().await;
    let changed = renamed_service(&world.directory, SERVICE, "search-stage");
    let told = world.imports(&changed, &[]).await;
    assert_eq!(codes(&told), ["covers_less"]);
    let why = &refusals(&told)[0].message;
    assert!(
        why.contains(&format!("service {SERVICE}")) && why.contains("It covers nothing now"),
        "{why}"
    );
    let after = world
        .asks("ci/payments", "deploy", &format!("service {SERVICE}"))
        .await;
    assert_eq!(before.evaluation.answer, after.evaluation.answer);
    world.told().await;

    let accept = format!("opt_out:{}", hold.id);
    let done = world.imports(&changed, &[&accept]).await.unwrap();
    assert!(done.told[0].contains(SERVICE), "{:?}", done.told);
    assert_eq!(world.count(EventKind::OptOutCoversLess).await, 1);
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: covers_less".to_owned()), "{told:?}");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_bypass_that_covers_less_is_told_of_and_stops_nothing(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world.bypass_in_force(&deployment_bypass()).await;
    world.told().await;
    let changed = renamed_service(&world.directory, "payments-prod", "payments-production");
    let done = world.imports(&changed, &[]).await.unwrap();
    assert!(done.told[0].contains("payments-prod"), "{:?}", done.told);
    let told = world.told().await;
    for expected in [
        "alice.meyer: covers_less",
        "bob.okafor: covers_less",
        "omar.haddad: covers_less",
    ] {
        assert!(told.contains(&expected.to_owned()), "{told:?}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_leaves_a_held_group_by_leaving_the_directory_blocks_no_import(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world
        .opts_out("alice.meyer", &to_manual("group:contractors"))
        .await
        .unwrap();
    for approver in [
        "omar.haddad",
        "dana.roth",
        "bob.okafor",
        "ines.marchetti",
        "omar.haddad",
        "aya.tanaka",
    ] {
        let _ = world.agrees(approver, asked.id).await;
    }
    assert_eq!(world.opt_out(asked.id).await.opt_out.state, OptOutState::Approved);
    assert!(
        world
            .imports(&super::without(&world.directory, "liam.byrne"), &[])
            .await
            .is_ok()
    );
}
