//! A client that sends again after a lost answer makes no second request.

use crate::world::asking::submission;
use crate::world::{World, outcome};
use domain::digest::Digest;
use domain::event::EventKind;
use service::access_requests::Submission;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

fn under(key: &str, body: &str, of: Submission) -> Submission {
    Submission {
        idempotency: Some((key.to_owned(), Digest::of(body.as_bytes()))),
        ..of
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_same_key_gives_the_same_request_and_another_body_is_refused(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (denial, another) = (world.denied_deployment().await, world.denied_deployment().await);
    let (first, new) = world
        .files(under("k", "body", submission(&denial)))
        .await
        .unwrap();
    assert!(new);
    world.minutes_pass(20);
    let (again, new) = world
        .files(under("k", "body", submission(&denial)))
        .await
        .unwrap();
    assert_eq!(
        (again.id, new),
        (first.id, false),
        "even when the denial is too old by now"
    );
    assert_eq!(
        outcome(&world.files(under("k", "other", submission(&denial))).await),
        "duplicate key"
    );
    assert_eq!(
        outcome(&world.files(under("k", "other", submission(&another))).await),
        "duplicate key"
    );
    assert_eq!(world.count(EventKind::AccessRequestSubmitted).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_key_is_the_client_s_own(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.denied_deployment().await;
    world
        .files(under("k", "body", submission(&denial)))
        .await
        .unwrap();
    let by_another = world
        .service
        .submit_access_request(&world.psql, under("k", "body", submission(&denial)))
        .await;
    assert_eq!(
        outcome(&by_another),
        "denial binding",
        "another client's key says nothing"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_same_denial_again_gives_the_same_request(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.denied_deployment().await;
    let (first, _) = world.files(submission(&denial)).await.unwrap();
    let (again, new) = world.files(submission(&denial)).await.unwrap();
    assert_eq!((again.id, new), (first.id, false));
    let (other, new) = world
        .files(submission(&world.denied_deployment().await))
        .await
        .unwrap();
    assert!(
        new && other.id != first.id,
        "another denial makes another request"
    );
}

/// Files the same many times at once; each with a key, or none.
async fn at_once(world: &World, key: Option<&str>) -> BTreeSet<String> {
    let denial = world.denied_deployment().await;
    let mut filing = JoinSet::new();
    for _ in 0..20 {
        let (service, gateway) = (world.service.clone(), world.gateway.clone());
        let submission = match key {
            Some(key) => under(key, "body", submission(&denial)),
            None => submission(&denial),
        };
        filing.spawn(async move { service.submit_access_request(&gateway, submission).await });
    }
    let (mut ids, mut new) = (BTreeSet::new(), 0);
    while let Some(filed) = filing.join_next().await {
        let (request, is_new) = filed.unwrap().unwrap();
        ids.insert(request.id.to_string());
        new += usize::from(is_new);
    }
    assert_eq!(new, 1, "one of them made it");
    ids
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn at_once_under_one_key_there_is_one_request(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    assert_eq!(at_once(&world, Some("k")).await.len(), 1);
    assert_eq!(world.count(EventKind::AccessRequestSubmitted).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn at_once_on_one_denial_there_is_one_request(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    assert_eq!(at_once(&world, None).await.len(), 1);
    assert_eq!(world.count(EventKind::AccessRequestSubmitted).await, 1);
}
