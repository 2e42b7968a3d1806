//! A vote is judged as of its own moment: of when it has its item to itself, not of when it was sent.

#![allow(
    clippy::disallowed_methods,
    reason = "a test holds what it looks at, and ends with its tasks"
)]

use crate::world::breaking::{emergency, responder};
use crate::world::people::{approver, person};
use crate::world::{World, deployment_bypass, joins, leaves, outcome, to_manual, voting};
use domain::event::EventKind;
use domain::role::Role;
use service::approvals::VoteInput;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Returns once somebody waits for a row.
async fn somebody_waits(pool: &PgPool) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    // Each look takes a while of its own.
    for _ in 0..50_000 {
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(pool).await.unwrap();
        if waiting > 0 {
            return;
        }
    }
    panic!("nobody waits");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_leaves_the_group_while_their_vote_on_a_request_waits_has_none(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let bob = approver("bob.okafor");
    let input = voting::on_request(&world.service, &bob, request.id, VoteInput::approve()).await;
    let mut holds = world.owner.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM access_requests WHERE id = $1 FOR UPDATE")
        .bind(request.id.uuid())
        .execute(&mut *holds)
        .await
        .unwrap();
    let service = world.service.clone();
    let vote = tokio::spawn(async move { service.vote_on_access_request(&bob, request.id, input).await });
    somebody_waits(&world.owner).await;
    world
        .directory_changes(|directory| leaves(directory, "payments-owners", "bob.okafor"))
        .await;
    holds.rollback().await.unwrap();
    assert_eq!(outcome(&vote.await.unwrap()), "forbidden not_eligible");
    assert!(world.grant(request.id).await.is_none());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_leaves_the_group_while_their_vote_on_an_opt_out_waits_has_none(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let bob = approver("bob.okafor");
    let input = voting::on_opt_out(&world.service, &bob, asked.id, VoteInput::approve()).await;
    let mut holds = world.owner.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM opt_outs WHERE id = $1 FOR UPDATE")
        .bind(asked.id.uuid())
        .execute(&mut *holds)
        .await
        .unwrap();
    let service = world.service.clone();
    let vote = tokio::spawn(async move { service.vote_on_opt_out(&bob, asked.id, input).await });
    somebody_waits(&world.owner).await;
    world
        .directory_changes(|directory| leaves(directory, "payments-owners", "bob.okafor"))
        .await;
    holds.rollback().await.unwrap();
    assert_eq!(outcome(&vote.await.unwrap()), "forbidden not_eligible");
    assert_eq!(world.count(EventKind::OptOutVoted).await, 0);
}

/// What waits is judged by the clock of when it goes on, too.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_request_that_expires_while_a_vote_waits_is_not_approved(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let bob = approver("bob.okafor");
    let input = voting::on_request(&world.service, &bob, request.id, VoteInput::approve()).await;
    let mut holds = world.owner.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM access_requests WHERE id = $1 FOR UPDATE")
        .bind(request.id.uuid())
        .execute(&mut *holds)
        .await
        .unwrap();
    let service = world.service.clone();
    let vote = tokio::spawn(async move { service.vote_on_access_request(&bob, request.id, input).await });
    somebody_waits(&world.owner).await;
    world.hours_pass(3);
    holds.rollback().await.unwrap();
    assert_eq!(outcome(&vote.await.unwrap()), "conflict settled");
}

/// The last gap: the snapshot was read, and before the commit the directory changes. A vote waits where it looks for delegations.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_leaves_the_group_between_the_judgement_and_the_commit_has_no_vote(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let bob = approver("bob.okafor");
    let input = voting::on_opt_out(&world.service, &bob, asked.id, VoteInput::approve()).await;
    let mut holds = world.owner.begin().await.unwrap();
    sqlx::query("LOCK TABLE delegations")
        .execute(&mut *holds)
        .await
        .unwrap();
    let service = world.service.clone();
    let vote = tokio::spawn(async move { service.vote_on_opt_out(&bob, asked.id, input).await });
    somebody_waits(&world.owner).await;
    world
        .directory_changes(|directory| leaves(directory, "payments-owners", "bob.okafor"))
        .await;
    holds.rollback().await.unwrap();
    assert_eq!(
        outcome(&vote.await.unwrap()),
        "forbidden not_eligible",
        "judged anew"
    );
    assert_eq!(world.count(EventKind::OptOutVoted).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_becomes_covered_while_their_revocation_waits_does_not_end_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let asked = world
        .opts_out("dana.roth", &to_manual("group:data-engineers"))
        .await
        .unwrap();
    world.agrees("noor.aziz", asked.id).await.unwrap();
    world.agrees("omar.haddad", asked.id).await.unwrap();
    let mut holds = world.owner.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM opt_outs WHERE id = $1 FOR UPDATE")
        .bind(asked.id.uuid())
        .execute(&mut *holds)
        .await
        .unwrap();
    let service = world.service.clone();
    let bob = person("bob.okafor", &Role::ALL);
    let ends = tokio::spawn(async move { service.revoke_opt_out(&bob, asked.id, "All is well").await });
    somebody_waits(&world.owner).await;
    world
        .directory_changes(|directory| joins(directory, "data-engineers", "bob.okafor"))
        .await;
    holds.rollback().await.unwrap();
    assert_eq!(outcome(&ends.await.unwrap()), "forbidden covered");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn glass_that_waits_is_broken_under_the_policy_of_its_moment(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let mut holds = world.owner.begin().await.unwrap();
    sqlx::query("SELECT count_break_glass()::text")
        .execute(&mut *holds)
        .await
        .unwrap();
    let (service, proof) = (world.service.clone(), world.fresh());
    let breaks = tokio::spawn(async move {
        service
            .break_glass(&responder("jonas.weber"), &emergency("jonas.weber"), proof)
            .await
    });
    somebody_waits(&world.owner).await;
    world
        .policy_changes(
            "rules/automation.cedar",
            "@exemptible(\"break_glass\")",
            "@exemptible(\"bypass\")",
        )
        .await;
    holds.rollback().await.unwrap();
    assert!(breaks.await.unwrap().is_err(), "no rule gives way any more");
    assert_eq!(world.count(EventKind::OptOutBrokeGlass).await, 0);
}
