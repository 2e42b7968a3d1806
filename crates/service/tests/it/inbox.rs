//! What waits for somebody: only what they may decide now, the strictest and most urgent first.

mod many;

use crate::world::asking::submission;
use crate::world::people::{approver, person, requester};
use crate::world::{World, bypass, deployment_bypass};
use chrono::TimeDelta;
use domain::role::Role;
use service::bulk::BulkItem;
use service::inbox::InboxItem;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

impl World {
    /// The inbox as ids.
    async fn inbox(&self, who: &str) -> Vec<String> {
        let inbox = self.service.inbox(&approver(who)).await.unwrap();
        inbox
            .items
            .iter()
            .map(|item| match item {
                InboxItem::AccessRequest(request, _) => request.id.to_string(),
                InboxItem::OptOut(summary, _) => summary.opt_out.id.to_string(),
                InboxItem::PostReview(summary) => summary.review.id.to_string(),
                InboxItem::Signal(summary) => summary.opt_out.id.to_string(),
            })
            .collect()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_strictest_tier_comes_first_then_the_least_time_left(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let low = bypass("ci/payments", "known-network", "service payments-staging");
    let low = world.opts_out("alice.meyer", &low).await.unwrap().id.to_string();
    let two_days = world
        .opts_out("alice.meyer", &deployment_bypass())
        .await
        .unwrap()
        .id
        .to_string();
    world.minutes_pass(1);
    let mut by_noon = deployment_bypass();
    by_noon.ends_at = Some(world.now() + TimeDelta::hours(1));
    by_noon.length_secs = None;
    let by_noon = world
        .opts_out("alice.meyer", &by_noon)
        .await
        .unwrap()
        .id
        .to_string();
    let two_hours = world.requested_deployment().await.id.to_string();
    assert_eq!(
        world.inbox("bob.okafor").await,
        [by_noon, two_hours, two_days, low]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_what_the_open_stage_asks_of_them(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let id = asked.id.to_string();
    assert_eq!(world.inbox("bob.okafor").await, std::slice::from_ref(&id));
    assert!(
        world.inbox("omar.haddad").await.is_empty(),
        "security comes later"
    );
    world.agrees("bob.okafor", asked.id).await.unwrap();
    assert!(world.inbox("bob.okafor").await.is_empty(), "voted");
    assert!(
        world.inbox("mara.silva").await.is_empty(),
        "the owners have had their say"
    );
    assert_eq!(world.inbox("omar.haddad").await, [id]);
    world.agrees("omar.haddad", asked.id).await.unwrap();
    assert!(world.inbox("ines.marchetti").await.is_empty());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nothing_of_one_s_own_and_nothing_for_those_without_a_vote(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world.opts_out("bob.okafor", &deployment_bypass()).await.unwrap();
    let denial = world.asks("ravi.patel", "read", "database ledger-db").await;
    world.files(submission(&denial)).await.unwrap();
    assert!(world.inbox("bob.okafor").await.is_empty());
    assert!(world.inbox("ravi.patel").await.is_empty());
    assert_eq!(world.inbox("mara.silva").await.len(), 1);
    assert_eq!(world.inbox("noor.aziz").await.len(), 1);
    for without in [
        requester("mara.silva"),
        person("mara.silva", &[Role::Administrator, Role::Auditor]),
    ] {
        assert!(world.service.inbox(&without).await.unwrap().items.is_empty());
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_in_the_inbox_can_be_voted_on(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let before = world
        .service
        .access_request(&approver("bob.okafor"), request.id)
        .await
        .unwrap();
    assert_eq!(before.standpoint, service::approvals::Standpoint::MayVote);
    assert_eq!(before.stages[0].deciders.named, 3);
    for who in world.inbox("bob.okafor").await {
        assert_eq!(who, request.id.to_string());
    }
    world.approves("bob.okafor", request.id).await.unwrap();
    let after = world
        .service
        .access_request(&approver("bob.okafor"), request.id)
        .await
        .unwrap();
    assert!(matches!(
        after.standpoint,
        service::approvals::Standpoint::MayNot(_)
    ));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn beside_each_stands_how_those_like_it_went(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denied = world.requested_deployment().await;
    world.denies("bob.okafor", denied.id).await.unwrap();
    let approved = world.requested_deployment_again().await;
    world.approves("bob.okafor", approved.id).await.unwrap();
    let waiting = world.requested_deployment_by("jonas.weber").await;
    let exempted = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let mara = approver("mara.silva");
    let inbox = world.service.inbox(&mara).await.unwrap();
    let beside = world.service.precedents_beside(&mara, &inbox).await.unwrap();
    let of = |item: BulkItem| beside.get(&item).map(|one| (one.settled, one.approved));
    assert_eq!(of(BulkItem::AccessRequest(waiting.id)), Some((2, 1)));
    assert_eq!(of(BulkItem::OptOut(exempted.id)), Some((0, 0)));
    assert_eq!(beside.len(), 2, "of nothing else");
}
