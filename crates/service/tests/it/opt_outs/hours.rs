//! Opt-outs that apply in some hours of the week only: in force exactly then, on every node, with no job for it.

use crate::world::asking::resource;
use crate::world::people::requester;
use crate::world::{World, bypass, deployment_bypass, outcome};
use chrono::{DateTime, TimeDelta, Utc};
use domain::opt_out::{Day, OptOutState as State, Recurrence};
use domain::outcome::Outcome;
use domain::scope::ResourceSelector;
use service::opt_outs::{NarrowInput, OptOutFilter, OptOutInput};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

fn hours(day: Day, from: &str, until: &str) -> Recurrence {
    let (from, until) = (from.parse().unwrap(), until.parse().unwrap());
    Recurrence::new([day].into(), from, until, "Europe/Berlin".parse().unwrap()).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Deployments without a person in the night to Thursday. The world begins on Wednesday at 10:00 UTC.
fn tonight() -> OptOutInput {
    OptOutInput {
        length_secs: Some(86_400),
        recurrence: Some(hours(Day::Wed, "22:00", "06:00")),
        ..deployment_bypass()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn in_force_in_its_hours_active_between_them_and_every_decision_replays(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (_, other) = world.another_node().await;
    let id = world.bypass_in_force(&tonight()).await.id;
    let mut decisions = Vec::new();
    for (now, may) in [
        ("2026-03-04T20:59:59.999999Z", false),
        ("2026-03-04T21:00:00Z", true),
        ("2026-03-04T23:30:00Z", true),
        ("2026-03-05T04:59:59.999999Z", true),
        ("2026-03-05T05:00:00Z", false),
        ("2026-03-05T09:59:59Z", false),
    ] {
        world.clock.set(at(now));
        for decider in [&world.decider, &other] {
            let decision = crate::world::asking::ask(
                decider,
                &world.gateway,
                "ci/payments",
                "deploy",
                "service payments-prod",
                serde_json::json!({}),
            )
            .await;
            assert_eq!(decision.evaluation.answer, may, "{now}");
            assert_eq!(decision.evaluation.considered.len(), usize::from(may), "{now}");
            decisions.push(decision.id);
        }
        let stored = world.opt_out(id).await;
        assert_eq!(stored.opt_out.state_at(world.now(), stored.uses), State::Active);
        let filter = OptOutFilter {
            phase: Some("in_force".to_owned()),
            ..Default::default()
        };
        let listed = world
            .service
            .opt_outs(&requester("alice.meyer"), filter, true, 10)
            .await;
        assert_eq!(
            listed.unwrap().opt_outs.len(),
            1,
            "between its hours it stays in the list"
        );
        assert_eq!(world.service.report_ends().await.unwrap(), 0, "{now}");
    }
    for decision in decisions {
        assert!(world.service.replay(decision).await.unwrap().agrees());
    }
    world.clock.set(at("2026-03-05T10:00:00Z"));
    assert_eq!(
        world.service.report_ends().await.unwrap(),
        1,
        "it ends when its window does"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_night_in_which_clocks_are_put_forward_is_an_hour_shorter(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let input = OptOutInput {
        starts_at: Some(at("2026-03-20T00:00:00Z")),
        length_secs: Some(14 * 86_400),
        recurrence: Some(hours(Day::Sat, "22:00", "06:00")),
        ..bypass(
            "ci/payments",
            "no-unattended-prod-deploy",
            "service payments-staging",
        )
    };
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    for (now, applies) in [
        ("2026-03-21T20:59:59Z", false),
        ("2026-03-21T21:00:00Z", true),
        ("2026-03-22T04:59:59Z", true),
        ("2026-03-22T05:00:00Z", false),
        ("2026-03-28T21:00:00Z", true),
        ("2026-03-29T03:59:59Z", true),
        ("2026-03-29T04:00:00Z", false),
    ] {
        world.clock.set(at(now));
        let decision = world
            .asks("ci/payments", "deploy", "service payments-staging")
            .await;
        assert_eq!(!decision.evaluation.applied.is_empty(), applies, "{now}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_preview_counts_what_fell_into_its_hours(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    assert!(!world.may_deploy().await);
    let alice = requester("alice.meyer");
    let promised = async |input: &OptOutInput| {
        let preview = world.service.preview_opt_out(&alice, input).await.unwrap();
        (preview.tried, preview.covered)
    };
    assert_eq!(promised(&tonight()).await, (1, 0));
    let now = OptOutInput {
        recurrence: Some(hours(Day::Wed, "11:00", "11:01")),
        ..tonight()
    };
    assert_eq!(promised(&now).await, (1, 1));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn approvers_shorten_its_window_and_its_hours_stay(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &tonight()).await.unwrap();
    let shorter = |hours: i64| NarrowInput {
        length_secs: Some(hours * 3_600),
        ..NarrowInput::default()
    };
    let until_evening = world.agrees_to_less("bob.okafor", asked.id, shorter(11)).await;
    assert_eq!(
        outcome(&until_evening),
        "invalid shorten_to hours_never_come",
        "nothing would be left of it"
    );
    world
        .agrees_to_less("bob.okafor", asked.id, shorter(12))
        .await
        .unwrap();
    let approved = world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(approved.recurrence, tonight().recurrence);
    world.clock.set(at("2026-03-04T21:30:00Z"));
    assert!(world.may_deploy().await);
    world.clock.set(at("2026-03-04T22:00:00Z"));
    assert!(
        !world.may_deploy().await,
        "its window ends in the middle of the night"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn hours_that_never_come_are_refused_and_a_renewal_keeps_them(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let never = OptOutInput {
        recurrence: Some(hours(Day::Sat, "22:00", "06:00")),
        ..tonight()
    };
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &never).await),
        "invalid hours/days hours_never_come"
    );
    let first = world.bypass_in_force(&tonight()).await;
    let renewal = OptOutInput {
        renews: Some(first.id),
        reason: "The fix is in review since noon; the payout job runs twice more before it is out."
            .to_owned(),
        length_secs: Some(12 * 3_600),
        ..tonight()
    };
    let all_the_time = OptOutInput {
        recurrence: None,
        ..renewal.clone()
    };
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &all_the_time).await),
        "invalid hours/days other_hours"
    );
    let renewed = world.opts_out("alice.meyer", &renewal).await.unwrap();
    assert_eq!(renewed.recurrence, first.recurrence);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_that_was_of_use_is_not_closed_for_being_between_its_hours(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let mut input = OptOutInput {
        recurrence: Some(hours(Day::Wed, "10:00", "12:00")),
        ..tonight()
    };
    input.scope.resources = Some(
        ["service payments-prod", "service payments-staging"]
            .map(|name| ResourceSelector::Id(resource(name)))
            .into(),
    );
    let id = world.bypass_in_force(&input).await.id;
    for _ in 0..50 {
        let decision = world
            .asks("ci/payments", "deploy", "service payments-staging")
            .await;
        assert_eq!(decision.evaluation.applied.len(), 1);
    }
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
    world.minutes_pass(30);
    let decision = world.asks("ci/payments", "deploy", "service payments-prod").await;
    assert_eq!(
        (decision.evaluation.base, decision.evaluation.effective),
        (Outcome::Review, Outcome::Automate)
    );
    world.clock.set(world.now() + TimeDelta::hours(2));
    assert!(!world.may_deploy().await);
    assert_eq!(
        world.service.ask_about_needless().await.unwrap(),
        1,
        "the question is taken back"
    );
    assert_eq!(world.opt_out(id).await.opt_out.need.asked, None);
}
