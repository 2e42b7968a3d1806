//! Suspension and the question whether a bypass is needed; and premises that fall between two hours of the week.

use super::{freeze, image_is, on, tickets, world};
use crate::world::{World, bypass, deployment_bypass};
use chrono::{DateTime, TimeDelta, Utc};
use domain::opt_out::{Day, OptOutState, Recurrence};
use service::opt_outs::OptOutInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

async fn deploys_to_staging(world: &World, times: usize) {
    for _ in 0..times {
        world
            .asks("ci/payments", "deploy", "service payments-staging")
            .await;
    }
}

/// Its approvers have just agreed that it is needed, and it could do nothing while it was out of force.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_suspended_one_is_not_asked_about_and_approved_again_its_clock_begins_anew(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = world(pool, options).await;
    let input = OptOutInput {
        length_secs: Some(14 * 86_400),
        premise: Some(image_is("sha256:1")),
        ..bypass(
            "ci/payments",
            "no-unattended-prod-deploy",
            "service payments-staging",
        )
    };
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    let id = world.agrees("bob.okafor", asked.id).await.unwrap().id;
    deploys_to_staging(&world, 50).await;
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
    assert!(world.opt_out(id).await.opt_out.closes_at().is_some());
    world.minutes_pass(1);
    world
        .directory_changes(|directory| freeze(directory, "sha256:2"))
        .await;
    let state = async |world: &World| {
        let stored = world.opt_out(id).await;
        stored.opt_out.state_at(world.now(), stored.uses)
    };
    world.hours_pass(8 * 24);
    assert_eq!(
        state(&world).await,
        OptOutState::Suspended,
        "not closed meanwhile"
    );
    world
        .directory_changes(|directory| freeze(directory, "sha256:1"))
        .await;
    world.asks_again("alice.meyer", id, "It is back").await.unwrap();
    world.minutes_pass(1);
    let back = world.agrees("bob.okafor", id).await.unwrap();
    assert_eq!((back.state, back.need.asked), (OptOutState::Active, None));
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);
    world.minutes_pass(1);
    deploys_to_staging(&world, 49).await;
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);
    deploys_to_staging(&world, 1).await;
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
}

/// Wednesday night and Thursday night, in Berlin.
fn nights() -> OptOutInput {
    let hours = Recurrence::new(
        [Day::Wed, Day::Thu].into(),
        "22:00".parse().unwrap(),
        "06:00".parse().unwrap(),
        "Europe/Berlin".parse().unwrap(),
    );
    OptOutInput {
        length_secs: Some(86_400),
        recurrence: Some(hours.unwrap()),
        ..deployment_bypass()
    }
}

/// Silent for too long in between, its ticket would be open again when the next of its hours comes: by then nobody has
/// approved that.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_falls_between_two_of_its_hours_has_fallen(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    world.clock.set(at("2026-03-04T20:00:00Z"));
    let input = OptOutInput {
        premise: on(tickets::open()).premise,
        ..nights()
    };
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    tickets::answered_open(&world).await;
    world.agrees("bob.okafor", asked.id).await.unwrap();
    let id = world.agrees("omar.haddad", asked.id).await.unwrap().id;
    world.clock.set(at("2026-03-04T21:30:00Z"));
    assert!(world.may_deploy().await);
    tickets::answered_open(&world).await;
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 0);
    // Between its hours, and beyond the last answer's hour and grace.
    world.clock.set(at("2026-03-05T05:30:00Z"));
    assert!(!world.may_deploy().await);
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 1);
    tickets::answered_open(&world).await;
    world.clock.set(at("2026-03-05T05:30:00Z") + TimeDelta::hours(1));
    let stored = world.opt_out(id).await;
    assert_eq!(
        stored.opt_out.state_at(world.now(), stored.uses),
        OptOutState::Suspended,
        "open again, it is not back by itself"
    );
}
