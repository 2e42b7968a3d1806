//! A directory that is refused.

use super::{codes, renamed, without};
use crate::world::people::administrator;
use crate::world::{World, joins};
use domain::event::EventKind;
use service::directory::SignInFile;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const ISS: &str = "https://idp.test";

async fn with_sign_ins(pool: PgPoolOptions, options: PgConnectOptions) -> World {
    World::start_with(pool, options, |directory| {
        for one in &mut directory.principals {
            if one.kind == domain::principal::PrincipalKind::Person {
                one.sign_ins.push(SignInFile {
                    iss: ISS.to_owned(),
                    sub: one.id.clone(),
                });
            }
        }
    })
    .await
}

async fn signs_in(world: &World, person: &str) -> bool {
    store::sessions::person_of(&world.app, ISS, person, world.now())
        .await
        .unwrap()
        .is_some()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_refused_directory_keeps_nobody_in_who_has_left(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = with_sign_ins(pool, options).await;
    assert!(signs_in(&world, "hanna.lindt").await);
    let changed = renamed(&world.directory, "contractors", "externals");
    let changed = without(&changed, "hanna.lindt");
    assert_eq!(codes(&world.imports(&changed, &[]).await), ["unknown_name"]);
    assert!(!signs_in(&world, "hanna.lindt").await, "out");
    assert!(signs_in(&world, "alice.meyer").await, "and nobody else");
    let current = world.service.snapshots().current();
    let directory = current.directory();
    assert!(directory.groups.contains_key(&"contractors".parse().unwrap()));
    let gone = crate::world::asking::principal("hanna.lindt");
    assert!(!directory.principals.contains_key(&gone));
    assert_eq!(world.count(EventKind::DirectoryRefused).await, 1);
    // The next one that is in order finds them gone, and a person who comes back is only in the groups that it says.
    let mut next = without(&world.directory, "hanna.lindt");
    assert!(world.imports(&next, &[]).await.is_ok());
    let hanna = world
        .directory
        .principals
        .iter()
        .find(|one| one.id == "hanna.lindt");
    next.principals.push(hanna.unwrap().clone());
    next.principals.last_mut().unwrap().sign_ins.clear();
    assert!(world.imports(&next, &[]).await.is_ok());
    let store = store::Store::new(world.app.clone());
    let stored = store::directory::load(&mut store.pool().acquire().await.unwrap())
        .await
        .unwrap();
    assert!(stored.principals.contains_key(&gone));
    assert_eq!(stored.groups_of(&gone), None);
}

/// The same file as before is no file in force then: it brings the sign-in back.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_that_a_refused_directory_took_comes_back_with_the_file_before(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = with_sign_ins(pool, options).await;
    let store = store::Store::new(world.app.clone());
    let stands = async || {
        service::in_force::stands(&store, &world.directory, &world.policy)
            .await
            .unwrap()
            .is_some()
    };
    assert!(stands().await);
    let mut refused = renamed(&world.directory, "contractors", "externals");
    refused.principals[0].sign_ins.clear();
    let whose = refused.principals[0].id.clone();
    assert_eq!(codes(&world.imports(&refused, &[]).await), ["unknown_name"]);
    assert!(!signs_in(&world, &whose).await);
    assert!(!stands().await);
    assert!(world.imports(&world.directory, &[]).await.is_ok());
    assert!(signs_in(&world, &whose).await);
    assert!(stands().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_refused_directory_that_lists_far_fewer_people_ends_nobody(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = with_sign_ins(pool, options).await;
    let mut changed = renamed(&world.directory, "contractors", "externals");
    for person in [
        "hanna.lindt",
        "sofia.rossi",
        "yuki.mori",
        "noor.aziz",
        "ravi.patel",
    ] {
        changed = without(&changed, person);
    }
    assert!(codes(&world.imports(&changed, &[]).await).contains(&"unknown_name"));
    for person in ["hanna.lindt", "sofia.rossi"] {
        assert!(signs_in(&world, person).await, "{person}");
    }
    assert_eq!(world.count(EventKind::DirectoryRefused).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn administrators_hear_that_the_directory_is_out_of_date_and_why(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = with_sign_ins(pool, options).await;
    let petra = administrator("petra.lindqvist");
    world
        .service
        .record_sign_in(&petra, serde_json::json!({}))
        .await
        .unwrap();
    world.told().await;
    // Any refusal, not only of names.
    let mut changed = without(&world.directory, "hanna.lindt");
    joins(&mut changed, "contractors", "nobody.here");
    let told = world.imports(&changed, &[]).await;
    assert_eq!(codes(&told), ["inconsistent"]);
    assert_eq!(world.told().await, ["petra.lindqvist: directory_refused"]);
    assert!(!signs_in(&world, "hanna.lindt").await);
}
