//! Time passes, people change their mind: expiry, withdrawal, and the life of the grant.

use crate::world::asking::{ask, submission};
use crate::world::people::{approver, person, requester};
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::access_request::AccessRequestState as State;
use domain::event::EventKind;
use domain::grant::GrantState;
use domain::role::Role;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_request_expires_without_a_job_and_the_job_says_so_once(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let bob = approver("bob.okafor");
    world
        .clock
        .advance(TimeDelta::hours(2) - TimeDelta::microseconds(1));
    assert_eq!(world.service.inbox(&bob).await.unwrap().items.len(), 1);
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.service.inbox(&bob).await.unwrap().items.len(), 0);
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "conflict settled"
    );
    assert_eq!(
        world
            .service
            .access_request(&bob, request.id)
            .await
            .unwrap()
            .state,
        State::Expired
    );
    assert_eq!(
        world.count(EventKind::AccessRequestExpired).await,
        0,
        "no worker has run"
    );
    let (other, _) = world.another_node().await;
    let (one, two) = tokio::join!(world.service.report_ends(), other.report_ends());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(world.service.report_ends().await.unwrap(), 0);
    assert_eq!(world.count(EventKind::AccessRequestExpired).await, 1);
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "conflict settled"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_grant_runs_from_the_approval_to_its_end_with_no_job_between(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    world.minutes_pass(50);
    assert!(!world.may_deploy().await);
    world.approves("bob.okafor", request.id).await.unwrap();
    let grant = world.grant(request.id).await.unwrap();
    assert_eq!(grant.window.starts_at(), world.now());
    assert_eq!(grant.window.length_secs(), 3_600);
    assert!(world.may_deploy().await);
    world
        .clock
        .set(grant.window.ends_at() - TimeDelta::microseconds(1));
    assert!(world.may_deploy().await);
    world.clock.set(grant.window.ends_at());
    assert!(!world.may_deploy().await, "half-open: its end is out");
    assert_eq!(world.service.report_ends().await.unwrap(), 1);
    assert_eq!(world.service.report_ends().await.unwrap(), 0);
    assert_eq!(world.events_of(grant.id).await, ["grant.ended"]);
    assert!(!world.may_deploy().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_grant_is_bound_to_what_the_tier_binds(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let commit = async |commit: &str| {
        let sent = json!({ "commit": commit });
        ask(
            &world.decider,
            &world.gateway,
            "ci/payments",
            "deploy",
            "service payments-prod",
            sent,
        )
        .await
    };
    let (request, _) = world.files(submission(&commit("4f1c").await)).await.unwrap();
    world.approves("bob.okafor", request.id).await.unwrap();
    assert!(commit("4f1c").await.evaluation.answer);
    assert!(!commit("beef").await.evaluation.answer);
    assert!(!world.may_deploy().await, "no commit is another commit");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn revoking_bites_at_once_on_every_node(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let (_, far) = world.another_node().await;
    let grant = world.granted_deployment().await;
    let deploys = async || {
        ask(
            &far,
            &world.gateway,
            "ci/payments",
            "deploy",
            "service payments-prod",
            json!({}),
        )
        .await
        .evaluation
        .answer
    };
    assert!(deploys().await);
    let ended = world
        .service
        .end_grant(&approver("mara.silva"), grant.id, "Wrong build")
        .await
        .unwrap();
    assert_eq!(ended.state(world.now()), GrantState::Revoked);
    assert!(!deploys().await);
    assert_eq!(world.events_of(grant.id).await, ["grant.revoked"]);
    let again = world
        .service
        .end_grant(&approver("mara.silva"), grant.id, "Wrong build")
        .await;
    assert_eq!(outcome(&again), "conflict settled");
    world.hours_pass(2);
    assert_eq!(
        world.service.report_ends().await.unwrap(),
        0,
        "it did not end by itself"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn two_who_end_a_grant_at_once_end_it_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let grant = world.granted_deployment().await;
    let (other, _) = world.another_node().await;
    let (bob, mara) = (approver("bob.okafor"), approver("mara.silva"));
    let (one, two) = tokio::join!(
        world.service.end_grant(&bob, grant.id, "Wrong build"),
        other.end_grant(&mara, grant.id, "Wrong build")
    );
    let mut told = [outcome(&one), outcome(&two)];
    told.sort();
    assert!(told[0].starts_with("conflict") && told[1] == "done", "{told:?}");
    assert_eq!(world.events_of(grant.id).await, ["grant.revoked"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_grant_that_has_ended_is_not_ended_again(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let grant = world.granted_deployment().await;
    world.hours_pass(1);
    let late = world
        .service
        .end_grant(&approver("mara.silva"), grant.id, "Too late")
        .await;
    assert_eq!(outcome(&late), "conflict settled");
    world.service.report_ends().await.unwrap();
    // A node whose clock is behind must not add another end to the one that is in the ledger.
    world.clock.set(grant.window.starts_at());
    let behind = world
        .service
        .end_grant(&approver("mara.silva"), grant.id, "Behind")
        .await;
    assert!(outcome(&behind).starts_with("conflict"), "{}", outcome(&behind));
    assert_eq!(world.events_of(grant.id).await, ["grant.ended"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_holder_gives_it_back_and_strangers_see_no_grant(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    world.approves("ravi.patel", request.id).await.unwrap();
    let grant = world.grant(request.id).await.unwrap();
    let stranger = world
        .service
        .end_grant(&requester("lena.fischer"), grant.id, "")
        .await;
    assert_eq!(outcome(&stranger), "not found");
    let auditor = world
        .service
        .end_grant(&person("aya.tanaka", &[Role::Auditor]), grant.id, "")
        .await;
    assert_eq!(outcome(&auditor), "forbidden not_permitted");
    let long = world
        .service
        .end_grant(&requester("alice.meyer"), grant.id, &"x".repeat(2_001))
        .await;
    assert_eq!(outcome(&long), "invalid reason reason_too_long");
    let back = world
        .service
        .end_grant(&requester("alice.meyer"), grant.id, "")
        .await
        .unwrap();
    assert_eq!(back.state(world.now()), GrantState::Relinquished);
    assert_eq!(world.events_of(grant.id).await, ["grant.relinquished"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_who_filed_or_started_it_takes_it_back(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let sent = json!({ "initiator": "jonas.weber" });
    let denial = ask(
        &world.decider,
        &world.gateway,
        "ci/payments",
        "deploy",
        "service payments-prod",
        sent.clone(),
    )
    .await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    let other_client = world
        .service
        .cancel_access_request(&world.psql, request.id, None)
        .await;
    assert_eq!(outcome(&other_client), "not found");
    for name in ["bob.okafor", "alice.meyer", "omar.haddad"] {
        let caller = person(name, &Role::ALL);
        assert_eq!(
            outcome(&world.service.withdraw_access_request(&caller, request.id).await),
            "not found",
            "{name}"
        );
    }
    let long = world
        .service
        .cancel_access_request(&world.gateway, request.id, Some("x".repeat(2_001)))
        .await;
    assert_eq!(outcome(&long), "invalid comment comment_too_long");
    let jonas = requester("jonas.weber");
    assert_eq!(
        world
            .service
            .withdraw_access_request(&jonas, request.id)
            .await
            .unwrap()
            .state,
        State::Withdrawn
    );
    assert_eq!(
        outcome(&world.service.withdraw_access_request(&jonas, request.id).await),
        "conflict settled"
    );
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "conflict settled"
    );
    let by_client = world.requested_deployment().await;
    let cancelled = world
        .service
        .cancel_access_request(&world.gateway, by_client.id, Some("not needed".into()))
        .await;
    assert_eq!(cancelled.unwrap().state, State::Withdrawn);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_last_vote_and_a_withdrawal_at_once_leave_one_of_them(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (other, _) = world.another_node().await;
    for _ in 0..8 {
        let request = world.requested_deployment().await;
        let (vote, cancel) = tokio::join!(
            world.approves("bob.okafor", request.id),
            other.cancel_access_request(&world.gateway, request.id, None)
        );
        let (voted, cancelled) = (outcome(&vote), outcome(&cancel));
        let won = voted == "done";
        assert_eq!(won, cancelled == "conflict settled", "{voted} {cancelled}");
        assert_eq!(world.grant(request.id).await.is_some(), won);
        world.hours_pass(1);
    }
}
