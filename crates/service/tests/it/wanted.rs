//! Access from when and until when it was asked for, and how long it waits for a decision.

use crate::world::asking::submission;
use crate::world::{World, deployment_bypass, outcome};
use chrono::TimeDelta;
use domain::grant::GrantState;
use service::access_requests::Submission;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_late_approval_does_not_make_a_grant_outlast_what_was_asked(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let until = world.now() + TimeDelta::minutes(60);
    let wanted = async || {
        let denial = world.denied_deployment().await;
        let wish = Submission {
            until: Some(until),
            ..submission(&denial)
        };
        world.files(wish).await.unwrap().0
    };
    let request = wanted().await;
    assert_eq!(request.expires_at, until, "nobody decides on it after its end");
    world.minutes_pass(50);
    world.approves("bob.okafor", request.id).await.unwrap();
    let grant = world.grant(request.id).await.unwrap();
    assert_eq!(
        (grant.window.starts_at(), grant.window.ends_at()),
        (world.now(), until)
    );
    assert!(world.may_deploy().await);
    world.minutes_pass(10);
    assert!(!world.may_deploy().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_approves_it_after_the_end_that_was_asked_for(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.denied_deployment().await;
    let wish = Submission {
        until: Some(world.now() + TimeDelta::minutes(30)),
        ..submission(&denial)
    };
    let (request, _) = world.files(wish).await.unwrap();
    world.minutes_pass(30);
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "conflict settled"
    );
    world.service.report_ends().await.unwrap();
    assert_eq!(
        world.events_of(request.id).await.last(),
        Some(&"access_request.expired")
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_grant_that_is_to_start_later_is_scheduled_until_then(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (from, until) = (
        world.now() + TimeDelta::hours(5),
        world.now() + TimeDelta::hours(6),
    );
    let denial = world.denied_deployment().await;
    let wish = Submission {
        from: Some(from),
        until: Some(until),
        ..submission(&denial)
    };
    let (request, _) = world.files(wish).await.unwrap();
    world.approves("bob.okafor", request.id).await.unwrap();
    let grant = world.grant(request.id).await.unwrap();
    assert_eq!((grant.window.starts_at(), grant.window.ends_at()), (from, until));
    assert_eq!(grant.state(world.now()), GrantState::Scheduled);
    assert!(!world.may_deploy().await, "not yet");
    world.hours_pass(5);
    assert!(world.may_deploy().await);
    world.hours_pass(1);
    assert!(!world.may_deploy().await, "no more");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_start_stays_within_the_limits(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let now = world.now();
    let hours = |hours| Some(now + TimeDelta::hours(hours));
    let cases = [
        (
            hours(-1),
            None,
            "invalid requested_access/requested_from in_the_past",
        ),
        (
            hours(31 * 24),
            None,
            "invalid requested_access/requested_from too_far",
        ),
        (
            hours(3),
            hours(2),
            "invalid requested_access/requested_until end_before_start",
        ),
        // At most four hours at this tier, counted from its start.
        (
            hours(3),
            hours(8),
            "invalid requested_access/requested_until too_long",
        ),
        (hours(3), hours(7), "done"),
    ];
    for (from, until, expected) in cases {
        let denial = world.denied_deployment().await;
        let wish = Submission {
            from,
            until,
            ..submission(&denial)
        };
        assert_eq!(outcome(&world.files(wish).await), expected);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn where_a_tier_does_not_say_how_long_it_waits_it_is_four_hours_and_three_days(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let said = "access_lapse_secs = 7_200\nopt_out_lapse_secs = 172_800\n";
    world.policy_changes("tiers.toml", said, "").await;
    let request = world.requested_deployment().await;
    assert_eq!(request.expires_at, world.now() + TimeDelta::hours(4));
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(asked.lapses_at, world.now() + TimeDelta::days(3));
}
