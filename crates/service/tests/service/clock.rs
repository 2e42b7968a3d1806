//! One clock (invariant 12): a node whose own clock is wrong decides nothing, changes nothing and ends nothing.

use crate::support::{Node, World, correlation, deploy, directory_file};
use chrono::TimeDelta;
use domain::window::{Instant, Window};
use service::ServiceError;
use service::clock::{Clock, SystemClock};
use service::decisions::Stop;
use service::snapshot::Announcements;
use service::time::Time;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use store::opt_outs::Stored;

/// The machine's clock, set wrong.
#[derive(Debug)]
struct Skewed(TimeDelta);

impl Clock for Skewed {
    fn now(&self) -> Instant {
        SystemClock.now() + self.0
    }
}

/// A node of a machine whose clock is wrong by that, which has read the database's.
async fn node(world: &World, wrong_by: TimeDelta) -> Node {
    let time = Time::of_database(Arc::new(Skewed(wrong_by)));
    let node = world
        .node_by(time, world.options.clone(), Announcements::Ignored)
        .await;
    node.service
        .time()
        .sample_once(node.service.store())
        .await
        .unwrap();
    node
}

/// Takes the pipeline out of the automation for an hour from now.
async fn taken_out(node: &Node) -> Stored {
    let now = node.service.now();
    let mut opt_out = node.to_manual();
    opt_out.window = Window::new(now - TimeDelta::minutes(1), now + TimeDelta::hours(1)).unwrap();
    opt_out.lapses_at = now + TimeDelta::hours(1);
    node.put_in_force(opt_out).await
}

fn is_unavailable<T>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Unavailable(_)))
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_whose_clock_is_wrong_ends_nothing_and_answers_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let right = node(&world, TimeDelta::zero()).await;
    let stored = taken_out(&right).await;
    let state = "SELECT count(*) FROM opt_outs WHERE state = 'approved' AND NOT end_reported";
    for wrong_by in [
        TimeDelta::hours(3),
        TimeDelta::hours(-3),
        TimeDelta::hours(30),
        TimeDelta::hours(-30),
        TimeDelta::milliseconds(400),
    ] {
        let wrong = node(&world, wrong_by).await;
        let asked = [deploy("payments-staging")];
        let answered = wrong.decider.decide(&wrong.caller(), &asked, Stop::Never).await;
        assert!(is_unavailable(&answered), "{wrong_by}: {answered:?}");
        assert!(is_unavailable(&wrong.service.report_ends().await), "{wrong_by}");
        assert!(
            is_unavailable(&wrong.service.forget_old_forms().await),
            "{wrong_by}"
        );
        let mut client = directory_file().clients.remove(0);
        client.name = "another".to_owned();
        let registered = wrong.service.register_client(&client, correlation()).await;
        assert!(is_unavailable(&registered), "{wrong_by}: {registered:?}");
        assert_eq!(world.count(state).await, 1, "{wrong_by}: it is still in force");
        // What such a node shows is right all the same.
        let apart = (wrong.service.now() - right.service.now()).abs();
        assert!(apart < TimeDelta::milliseconds(250), "{wrong_by}: {apart}");
    }
    assert_eq!(right.service.report_ends().await.unwrap(), 0);
    let decision = right.decide(&deploy("payments-staging")).await;
    assert!(!decision.evaluation.answer, "{:?}", stored.opt_out.id);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_that_never_read_the_database_clock_answers_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let time = Time::of_database(Arc::new(Skewed(TimeDelta::hours(30))));
    let node = world
        .node_by(time, world.options.clone(), Announcements::Ignored)
        .await;
    let asked = [deploy("payments-staging")];
    let answered = node.decider.decide(&node.caller(), &asked, Stop::Never).await;
    assert!(is_unavailable(&answered), "{answered:?}");
    assert!(is_unavailable(&node.service.report_ends().await));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_that_loads_before_it_knows_the_time_leaves_nothing_out(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let right = node(&world, TimeDelta::zero()).await;
    let stored = taken_out(&right).await;
    let time = Time::of_database(Arc::new(Skewed(TimeDelta::hours(30))));
    let early = world
        .node_by(time.clone(), world.options.clone(), Announcements::Ignored)
        .await;
    let loaded = early.snapshots.current();
    assert!(loaded.snapshot().unwrap().opt_out(stored.opt_out.id).is_some());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_has_ended_by_the_database_clock_is_reported(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let right = node(&world, TimeDelta::zero()).await;
    let now = right.service.now();
    let mut opt_out = right.to_manual();
    opt_out.window = Window::new(now - TimeDelta::hours(2), now - TimeDelta::hours(1)).unwrap();
    right.put_in_force(opt_out).await;
    assert_eq!(right.service.report_ends().await.unwrap(), 1);
}
