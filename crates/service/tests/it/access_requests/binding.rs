//! A request stands on a denial: this client's, for just this, and young.

use crate::world::asking::{ask, context, submission};
use crate::world::{World, outcome};
use chrono::TimeDelta;
use serde_json::json;
use service::access_requests::Submission;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_denial_becomes_a_request_of_its_own_client_only(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.denied_deployment().await;
    let by_another = world
        .service
        .submit_access_request(&world.psql, submission(&denial))
        .await;
    assert_eq!(outcome(&by_another), "denial binding");
    let (request, new) = world.files(submission(&denial)).await.unwrap();
    assert!(new);
    assert_eq!(
        world.events_of(request.id).await,
        ["access_request.submitted", "access_request.stage_reached"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn another_subject_resource_action_or_context_is_refused(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let sent = json!({ "commit": "4f1c", "note": "evidence" });
    let denial = ask(
        &world.decider,
        &world.gateway,
        "ci/payments",
        "deploy",
        "service payments-prod",
        sent,
    )
    .await;
    let refused = [
        Submission {
            principal: crate::world::asking::principal("ci/data"),
            ..submission(&denial)
        },
        Submission {
            resource: crate::world::asking::resource("service edge-gw"),
            ..submission(&denial)
        },
        Submission {
            capability: "admin".parse().unwrap(),
            ..submission(&denial)
        },
        Submission {
            context: Some(context(json!({ "commit": "beef" }))),
            ..submission(&denial)
        },
        Submission {
            context: Some(context(json!({ "note": "other" }))),
            ..submission(&denial)
        },
    ];
    let before = world.rows().await;
    for wrong in refused {
        assert_eq!(
            outcome(&world.files(wrong.clone()).await),
            "denial binding",
            "{wrong:?}"
        );
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    let right = Submission {
        context: Some(context(
            json!({ "commit": "4f1c", "business_justification": "its own member" }),
        )),
        ..submission(&denial)
    };
    assert_eq!(outcome(&world.files(right).await), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn fifteen_minutes_are_enough_and_no_more(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (young, old) = (world.denied_deployment().await, world.denied_deployment().await);
    world
        .clock
        .advance(TimeDelta::minutes(15) - TimeDelta::microseconds(1));
    assert_eq!(outcome(&world.files(submission(&young)).await), "done");
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(outcome(&world.files(submission(&old)).await), "denial expired");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_a_review_can_be_asked_of_people(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let automated = world
        .asks("ci/payments", "deploy", "service payments-staging")
        .await;
    let denied = world
        .asks("ci/search-experiments", "deploy", "service search-prod")
        .await;
    let unknown = world.asks("ci/nobody", "deploy", "service search-prod").await;
    for decision in [automated, denied, unknown] {
        assert_eq!(
            outcome(&world.files(submission(&decision)).await),
            "denial binding",
            "{:?}",
            decision.evaluation
        );
    }
    // A review that a grant answers with yes is none either.
    world.granted_deployment().await;
    let granted = world.asks("ci/payments", "deploy", "service payments-prod").await;
    assert!(granted.evaluation.answer);
    assert_eq!(
        outcome(&world.files(submission(&granted)).await),
        "denial binding"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_policy_automates_or_refuses_by_now_is_asked_of_nobody(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let denial = world.denied_deployment().await;
    let restored = world.policy["rules/automation.cedar"].clone();
    let forbids = "when { context.capability == \"deploy\" && context.tier == \"critical\" };";
    world
        .policy_changes(
            "rules/automation.cedar",
            forbids,
            "when { context.capability == \"none\" };",
        )
        .await;
    assert_eq!(
        outcome(&world.files(submission(&denial)).await),
        "not requestable"
    );
    world
        .policy_changes(
            "rules/automation.cedar",
            "context.capability == \"none\"",
            "context.capability == \"no\"",
        )
        .await;
    *world.policy.get_mut("rules/automation.cedar").unwrap() = restored;
    let refuses = "context.capability == \"deploy\" && !principal.protected_branch";
    world
        .policy_changes("rules/access.cedar", refuses, "context.capability == \"deploy\"")
        .await;
    assert_eq!(
        outcome(&world.files(submission(&denial)).await),
        "not requestable"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn every_length_is_bounded_and_every_wrong_field_named(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.denied_deployment().await;
    let now = world.now();
    let long = |letters: usize| "x".repeat(letters);
    let cases = [
        (
            Submission {
                reason: "too short".into(),
                ..submission(&denial)
            },
            "context/business_justification reason_too_short",
        ),
        (
            Submission {
                reason: "\u{200b}".repeat(40),
                ..submission(&denial)
            },
            "context/business_justification reason_too_short",
        ),
        (
            Submission {
                reason: long(4_001),
                ..submission(&denial)
            },
            "context/business_justification reason_too_long",
        ),
        (
            Submission {
                ticket: Some(long(65)),
                ..submission(&denial)
            },
            "context/ticket ticket_too_long",
        ),
        (
            Submission {
                until: Some(now),
                ..submission(&denial)
            },
            "requested_access/requested_until end_before_start",
        ),
        (
            Submission {
                until: Some(now + TimeDelta::hours(4) + TimeDelta::seconds(1)),
                ..submission(&denial)
            },
            "requested_access/requested_until too_long",
        ),
    ];
    let before = world.rows().await;
    for (wrong, field) in cases {
        assert_eq!(outcome(&world.files(wrong).await), format!("invalid {field}"));
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    let right = Submission {
        until: Some(now + TimeDelta::hours(4)),
        reason: long(4_000),
        ..submission(&denial)
    };
    let (request, _) = world.files(right).await.unwrap();
    assert_eq!(request.grant_secs, 4 * 3_600);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_client_that_was_revoked_files_and_cancels_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let (first, second) = (world.denied_deployment().await, world.denied_deployment().await);
    let (request, _) = world.files(submission(&first)).await.unwrap();
    // The node that answers recognised the client before it was revoked on another.
    let (other, _) = world.another_node().await;
    let admin = crate::world::people::administrator("petra.lindqvist");
    other
        .revoke_client(&admin, world.gateway.client.id)
        .await
        .unwrap();
    assert_eq!(
        outcome(&world.files(submission(&second)).await),
        "forbidden client_revoked"
    );
    assert_eq!(
        outcome(&world.files(submission(&first)).await),
        "forbidden client_revoked"
    );
    let cancelled = world
        .service
        .cancel_access_request(&world.gateway, request.id, None)
        .await;
    assert_eq!(outcome(&cancelled), "forbidden client_revoked");
}
