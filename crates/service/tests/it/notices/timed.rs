//! What follows from the clock: at its time, once, whoever notices first.

use crate::world::World;
use crate::world::asking::submission;
use crate::world::breaking::lasting;
use crate::world::deployment_bypass;
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

impl World {
    async fn tells(&self) -> usize {
        self.service.tell_times().await.unwrap()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_has_not_decided_is_reminded_at_half_and_at_nine_tenths(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    // Two hours.
    world.requested_deployment().await;
    world.told().await;
    let reminded = [
        "bob.okafor: reminder",
        "mara.silva: reminder",
        "tom.becker: reminder",
    ];
    world.minutes_pass(59);
    assert_eq!(world.tells().await, 0);
    world.minutes_pass(1);
    assert_eq!(world.tells().await, 1);
    assert_eq!(world.told().await, reminded);
    assert_eq!(world.tells().await, 0, "once");
    world.minutes_pass(48);
    assert_eq!(world.tells().await, 1);
    assert_eq!(world.told().await, reminded);
    world.minutes_pass(11);
    assert_eq!(world.tells().await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn after_an_outage_there_is_one_reminder_and_none_for_who_voted_or_for_what_is_over(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    // Two days.
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    let over = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.rejects("bob.okafor", over.id).await.unwrap();
    world.told().await;
    world.hours_pass(47);
    assert_eq!(world.tells().await, 1);
    let told = world.told().await;
    assert_eq!(told.len(), 5, "security, who is asked now: {told:?}");
    assert!(told.iter().all(|line| line.ends_with(": reminder")));
    assert_eq!(world.tells().await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn several_nodes_tell_it_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let (other, _) = world.another_node().await;
    for _ in 0..5 {
        world.requested_deployment().await;
    }
    world.told().await;
    world.minutes_pass(61);
    let (one, two) = tokio::join!(world.service.tell_times(), other.tell_times());
    assert_eq!(one.unwrap() + two.unwrap(), 5);
    assert_eq!(world.told().await.len(), 15);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_end_is_told_as_long_before_as_it_is_long(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    // Four hours, and a grant of one.
    let bypass = world.bypass_in_force(&deployment_bypass()).await;
    let denial = world.asks("hanna.lindt", "read", "database ledger-db").await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    world.approves("ravi.patel", request.id).await.unwrap();
    world.told().await;
    world.minutes_pass(44);
    assert_eq!(world.tells().await, 0);
    world.minutes_pass(1);
    assert_eq!(world.tells().await, 1);
    assert_eq!(world.told().await, ["hanna.lindt: ending_soon"]);
    world.minutes_pass(135);
    assert_eq!(world.tells().await, 1);
    assert_eq!(
        world.told().await,
        ["alice.meyer: ending_soon", "jonas.weber: ending_soon"]
    );
    assert_eq!(
        world.opt_out(bypass.id).await.opt_out.window.length_secs(),
        4 * 3_600
    );
    world.minutes_pass(55);
    assert_eq!(world.tells().await, 0, "once");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_first_use_and_the_eighth_of_ten(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let mut ten = deployment_bypass();
    ten.max_uses = Some(10);
    world.bypass_in_force(&ten).await;
    world.told().await;
    assert_eq!(world.tells().await, 0);
    assert!(world.may_deploy().await);
    assert_eq!(world.tells().await, 1);
    let first = world.told().await;
    assert_eq!(
        first,
        [
            "alice.meyer: first_use",
            "bob.okafor: first_use",
            "mara.silva: first_use",
            "tom.becker: first_use"
        ]
    );
    for _ in 0..6 {
        assert!(world.may_deploy().await);
    }
    assert_eq!(world.tells().await, 0, "seven of ten");
    assert!(world.may_deploy().await);
    assert_eq!(world.tells().await, 1);
    assert_eq!(
        world.told().await,
        ["alice.meyer: most_used", "jonas.weber: most_used"]
    );
    assert!(world.may_deploy().await);
    assert_eq!(world.tells().await, 0, "once");
}

/// One use is all that there is: it is spent before any worker looks.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_first_use_is_told_where_it_is_the_last(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let mut one = deployment_bypass();
    one.max_uses = Some(1);
    world.bypass_in_force(&one).await;
    assert!(world.may_deploy().await);
    world.service.report_ends().await.unwrap();
    world.told().await;
    assert_eq!(world.tells().await, 1);
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: first_use".to_owned()), "{told:?}");
    assert_eq!(world.tells().await, 0, "once");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_that_cannot_be_told_keeps_no_other_waiting(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for _ in 0..3 {
        world.requested_deployment().await;
    }
    world.told().await;
    world.minutes_pass(61);
    let spoilt = "UPDATE access_requests SET plan = '{}'
        WHERE id = (SELECT min(id::text)::uuid FROM access_requests)";
    world.owner.execute(spoilt).await.unwrap();
    assert!(world.service.tell_times().await.is_err());
    assert_eq!(world.told().await.len(), 6, "three owners, of two of them");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_shortest_glass_has_its_end_told_too(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let mut short = lasting("jonas.weber", 1);
    short.length_secs = Some(900);
    world.breaks_glass("jonas.weber", &short).await.unwrap();
    world.told().await;
    world.minutes_pass(9);
    assert_eq!(world.tells().await, 0);
    world.minutes_pass(1);
    assert_eq!(world.tells().await, 1);
    assert_eq!(world.told().await, ["jonas.weber: ending_soon"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_end_that_cannot_be_reported_keeps_no_other_waiting(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let grant = world.granted_deployment().await;
    let spoilt = world.bypass_in_force(&deployment_bypass()).await;
    let other = world.bypass_in_force(&deployment_bypass()).await;
    world.hours_pass(5);
    let spoil = format!(
        "UPDATE opt_outs SET plan = '{{}}' WHERE id = '{}'",
        spoilt.id.uuid()
    );
    world.owner.execute(sqlx::AssertSqlSafe(spoil)).await.unwrap();
    assert!(world.service.report_ends().await.is_err());
    assert_eq!(world.events_of(other.id).await.last(), Some(&"opt_out.expired"));
    assert_eq!(world.events_of(grant.id).await.last(), Some(&"grant.ended"));
}
