//! Approvers narrow what was asked and never widen it, and both versions stay.

use crate::world::asking::{principal, resource};
use crate::world::people::requester;
use crate::world::{World, deployment_bypass, outcome, to_manual};
use domain::opt_out::OptOutState as State;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use service::opt_outs::NarrowInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

fn scope(change: impl FnOnce(&mut Scope)) -> NarrowInput {
    let mut scope = wide().scope;
    change(&mut scope);
    NarrowInput {
        scope: Some(scope),
        ..NarrowInput::default()
    }
}

/// Two pipelines, two rules, two capabilities, ten uses.
fn wide() -> service::opt_outs::OptOutInput {
    let mut input = deployment_bypass();
    input.scope.principals = Some(
        ["ci/payments", "ci/data"]
            .map(|name| PrincipalSelector::Id(principal(name)))
            .into(),
    );
    input.scope.capabilities = Some(["deploy", "read"].map(|name| name.parse().unwrap()).into());
    input.scope.rules = ["no-unattended-prod-deploy", "change-freeze"]
        .map(|name| name.parse().unwrap())
        .into();
    input.max_uses = Some(10);
    input
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn both_versions_are_kept_and_the_narrower_is_in_force(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &wide()).await.unwrap();
    let less = NarrowInput {
        length_secs: Some(1_800),
        max_uses: Some(2),
        ..scope(|scope| {
            scope.principals = Some([PrincipalSelector::Id(principal("ci/payments"))].into());
            scope.capabilities = Some(["deploy".parse().unwrap()].into());
            scope.rules = ["no-unattended-prod-deploy".parse().unwrap()].into();
        })
    };
    let narrowed = world.agrees_to_less("bob.okafor", asked.id, less).await.unwrap();
    assert_eq!(narrowed.state, State::InReview { stage: 1 });
    world.minutes_pass(10);
    world.agrees("omar.haddad", asked.id).await.unwrap();

    let first = store::opt_outs::revision(&world.app, asked.id, 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (first.scope.clone(), first.window, first.max_uses),
        (asked.scope.clone(), asked.window, Some(10))
    );
    let stored = world.opt_out(asked.id).await.opt_out;
    assert_eq!((stored.window.length_secs(), stored.max_uses), (1_800, Some(2)));
    assert_eq!(
        stored.window.starts_at(),
        world.now(),
        "the clock runs from the approval"
    );
    assert_eq!(stored.pinned.len(), 1);
    let seen = world
        .service
        .opt_out(&requester("alice.meyer"), asked.id)
        .await
        .unwrap();
    assert_eq!(
        seen.asked.unwrap().scope,
        asked.scope,
        "the requester sees what was taken away"
    );
    let vote = seen
        .events
        .iter()
        .find(|event| event.kind.as_str() == "opt_out.voted")
        .unwrap();
    let body: serde_json::Value = serde_json::from_slice(&vote.body).unwrap();
    assert_eq!(
        (&body["asked"]["max_uses"], &body["narrowed"]["max_uses"]),
        (&10.into(), &2.into())
    );

    assert!(world.may_deploy().await);
    world.minutes_pass(30);
    assert!(!world.may_deploy().await, "half an hour, not four");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whatever_widens_is_refused_and_writes_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &wide()).await.unwrap();
    let length = |secs| NarrowInput {
        length_secs: Some(secs),
        ..NarrowInput::default()
    };
    let uses = |most| NarrowInput {
        max_uses: Some(most),
        ..NarrowInput::default()
    };
    let cases = [
        ("shorten_to not_narrower", length(4 * 3_600 + 1)),
        ("shorten_to not_narrower", length(0)),
        ("shorten_to not_narrower", length(-1)),
        ("shorten_to not_narrower", length(i64::MAX)),
        ("max_uses not_narrower", uses(11)),
        ("max_uses not_narrower", uses(0)),
        ("scope not_narrower", scope(|scope| scope.principals = None)),
        (
            "scope not_narrower",
            scope(|scope| scope.principals = Some([].into())),
        ),
        (
            "scope not_narrower",
            scope(|scope| {
                scope.principals = Some([PrincipalSelector::Id(principal("ci/edge"))].into());
            }),
        ),
        ("scope not_narrower", scope(|scope| scope.resources = None)),
        (
            "scope not_narrower",
            scope(|scope| {
                scope.resources = Some([ResourceSelector::Id(resource("service edge-gw"))].into());
            }),
        ),
        ("scope not_narrower", scope(|scope| scope.capabilities = None)),
        (
            "scope not_narrower",
            scope(|scope| scope.capabilities = Some(["admin".parse().unwrap()].into())),
        ),
        (
            "scope not_narrower",
            scope(|scope| {
                scope.rules.insert("known-network".parse().unwrap());
            }),
        ),
        ("scope not_narrower", scope(|scope| scope.rules.clear())),
    ];
    let before = world.rows().await;
    for (field, wider) in cases {
        let told = outcome(&world.agrees_to_less("bob.okafor", asked.id, wider.clone()).await);
        assert_eq!(told, format!("invalid {field}"), "{wider:?}");
    }
    assert_eq!(world.rows().await, before);
    assert_eq!(world.opt_out(asked.id).await.opt_out, asked);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_one_stage_took_away_no_later_one_gives_back(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &wide()).await.unwrap();
    let half = |secs| NarrowInput {
        length_secs: Some(secs),
        max_uses: Some(3),
        ..NarrowInput::default()
    };
    world
        .agrees_to_less("bob.okafor", asked.id, half(7_200))
        .await
        .unwrap();
    let told = outcome(&world.agrees_to_less("omar.haddad", asked.id, half(7_201)).await);
    assert_eq!(told, "invalid shorten_to not_narrower");
    let back = world.agrees_to_less(
        "omar.haddad",
        asked.id,
        NarrowInput {
            scope: Some(wide().scope),
            ..half(7_200)
        },
    );
    assert_eq!(back.await.unwrap().window.length_secs(), 7_200);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_opt_out_to_manual_has_no_uses_to_lower(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world
        .opts_out("dana.roth", &to_manual("alice.meyer"))
        .await
        .unwrap();
    let uses = NarrowInput {
        max_uses: Some(1),
        ..NarrowInput::default()
    };
    let told = outcome(&world.agrees_to_less("ravi.patel", asked.id, uses).await);
    assert_eq!(told, "invalid max_uses not_for_to_manual");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_shortened_end_is_counted_from_the_vote_and_kills_nothing(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let mut input = wide();
    input.length_secs = None;
    input.ends_at = Some(world.now() + chrono::TimeDelta::hours(12));
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    world.hours_pass(5);
    let two_hours = NarrowInput {
        length_secs: Some(7_200),
        ..NarrowInput::default()
    };
    // Counted from when it was asked for, it would have been over for three hours.
    world
        .agrees_to_less("bob.okafor", asked.id, two_hours)
        .await
        .unwrap();
    let stored = world.opt_out(asked.id).await.opt_out;
    let end = world.now() + chrono::TimeDelta::hours(2);
    assert_eq!(
        (stored.state, stored.window.ends_at()),
        (State::InReview { stage: 1 }, end)
    );
    world.hours_pass(1);
    world.agrees("omar.haddad", asked.id).await.unwrap();
    assert!(world.may_deploy().await);
    world.hours_pass(1);
    assert!(!world.may_deploy().await);
}
