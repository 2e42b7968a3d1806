//! What holds one client's decisions up, or pages, does not hold up another's.

use crate::support::{Node, World, deploy};
use crate::wire::Wire;
use service::ServiceError;
use service::decisions::{Answered, Asked, Stop};
use service::snapshot::Announcements;
use service::time::Time;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;
use tokio::time::timeout;

/// Far longer than anything here takes, and shorter than what it took when all shared everything.
const IN_TIME: Duration = Duration::from_secs(4);

async fn answers(node: &Node, asked: &Asked) -> Result<bool, ServiceError> {
    let caller = node.caller();
    let decided = node
        .decider
        .decide(&caller, std::slice::from_ref(asked), Stop::Never);
    let answered = timeout(IN_TIME, decided).await.expect("an answer in time")?;
    match answered.as_slice() {
        [Answered::Decided(decided)] => Ok(decided.decision.evaluation.answer),
        other => panic!("{other:?}"),
    }
}

fn is_unavailable(answer: &Result<bool, ServiceError>) -> bool {
    matches!(answer, Err(ServiceError::Unavailable(_)))
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_held_opt_out_row_holds_up_nobody_who_does_not_use_it(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let (uses, other) = (deploy("payments-prod"), deploy("payments-staging"));
    let bypass = node.put_in_force(node.bypass(Some(10))).await;
    assert!(answers(&node, &uses).await.unwrap());

    let mut holder = world.owner.begin().await.unwrap();
    sqlx::query("SELECT FROM opt_outs WHERE id = $1 FOR UPDATE")
        .bind(bypass.opt_out.id.uuid())
        .execute(&mut *holder)
        .await
        .unwrap();
    for _ in 0..3 {
        // Both are in one batch.
        let (used, free) = tokio::join!(answers(&node, &uses), answers(&node, &other));
        assert!(is_unavailable(&used), "{used:?}");
        assert!(free.unwrap());
    }
    holder.rollback().await.unwrap();
    assert!(answers(&node, &uses).await.unwrap());
    assert_eq!(
        world.count("SELECT uses::bigint FROM opt_outs").await,
        2,
        "what was refused took no use"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn decisions_need_no_connection_of_the_pool(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let other = world.node(Announcements::Ignored).await;
    let stored = node.put_in_force(node.bypass(None)).await;
    let pool = node.service.store().pool();
    let mut taken = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        taken.push(pool.acquire().await.unwrap());
    }
    assert!(answers(&node, &deploy("payments-prod")).await.unwrap());
    // The next one finds out that another generation is current, and loads it.
    other.revoke(&stored).await;
    assert!(!answers(&node, &deploy("payments-prod")).await.unwrap());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_database_that_hangs_refuses_every_request_until_it_goes_on(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let wire = Wire::to(options.clone());
    let world = World::new(options).await;
    let node = world
        .node_by(
            Time::exact(world.clock.clone()),
            wire.options(),
            Announcements::Ignored,
        )
        .await;
    let asked = deploy("payments-staging");
    assert!(answers(&node, &asked).await.unwrap());
    wire.hold(true);
    for _ in 0..3 {
        let refused = tokio::join!(answers(&node, &asked), answers(&node, &asked));
        assert!(
            is_unavailable(&refused.0) && is_unavailable(&refused.1),
            "{refused:?}"
        );
    }
    wire.hold(false);
    assert!(answers(&node, &asked).await.unwrap());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_load_that_hangs_is_given_up_and_begun_again(_: PgPoolOptions, options: PgConnectOptions) {
    let wire = Wire::to(options.clone());
    let world = World::new(options).await;
    let node = world
        .node_by(
            Time::exact(world.clock.clone()),
            wire.options(),
            Announcements::Ignored,
        )
        .await;
    let other = world.node(Announcements::Ignored).await;
    let stored = other.put_in_force(other.to_manual()).await;
    let generation = other.revoke(&stored).await;
    wire.hold(true);
    let given_up = timeout(2 * IN_TIME, node.snapshots.reach(generation)).await;
    assert!(
        matches!(given_up, Ok(Err(ServiceError::Unavailable(_)))),
        "{given_up:?}"
    );
    wire.hold(false);
    node.snapshots.reach(generation).await.unwrap();
    assert_eq!(node.snapshots.current().generation(), generation);
}
