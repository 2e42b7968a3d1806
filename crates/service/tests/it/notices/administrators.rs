//! What only an administrator can mend is told to those who were one when they signed in last.

use crate::world::World;
use crate::world::people::{administrator, requester};
use crate::world::signalling::{monitor, signal};
use domain::signal::Risk;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_source_beyond_its_limits_is_told_of_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for caller in [
        administrator("petra.lindqvist"),
        administrator("samir.haidari"),
        requester("alice.meyer"),
    ] {
        world.service.record_sign_in(&caller, json!({})).await.unwrap();
    }
    // An administrator no more.
    world
        .service
        .record_sign_in(&requester("samir.haidari"), json!({}))
        .await
        .unwrap();
    let edr = monitor(&world, "edr").await;
    for (id, who) in ["hanna.lindt", "jonas.weber", "alice.meyer"]
        .into_iter()
        .enumerate()
    {
        let high = signal(&world, Risk::High, who, &format!("case-{id}"));
        world.service.signal(&edr, &high).await.unwrap();
    }
    world.told().await;
    for id in 0..3 {
        let more = signal(&world, Risk::High, "lena.fischer", &format!("more-{id}"));
        assert!(world.service.signal(&edr, &more).await.is_err());
    }
    assert_eq!(world.told().await, ["petra.lindqvist: signals_exceeded"]);
    assert_eq!(
        world.reads("petra.lindqvist").await.last().map(String::as_str),
        Some("The source “edr” signalled more than it may: what it sends opens nothing")
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn decisions_without_a_partition_are_told_of_once_a_day(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world
        .service
        .record_sign_in(&administrator("petra.lindqvist"), json!({}))
        .await
        .unwrap();
    assert_eq!(world.service.alarm_default_partition().await.unwrap(), 0);
    assert_eq!(world.told().await, Vec::<String>::new());
    // Nobody has made this month's partition.
    world.denied_deployment().await;
    for _ in 0..2 {
        assert_eq!(world.service.alarm_default_partition().await.unwrap(), 1);
    }
    assert_eq!(world.told().await, ["petra.lindqvist: partition_missing"]);
    world.hours_pass(24);
    world.service.alarm_default_partition().await.unwrap();
    assert_eq!(world.told().await, ["petra.lindqvist: partition_missing"]);
}
