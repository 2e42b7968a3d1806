//! Whom a `to_manual` without a principal scope covers: whoever has acted or waits in its scope.

use crate::world::people::person;
use crate::world::{World, outcome, to_manual};
use domain::opt_out::{OptOut, OptOutState as State};
use domain::role::Role;
use domain::scope::{ResourceSelector, Scope};
use service::opt_outs::OptOutInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Takes everything on one resource out of the automation.
fn freeze(resource: &str) -> OptOutInput {
    OptOutInput {
        scope: Scope {
            resources: Some([ResourceSelector::Id(crate::world::asking::resource(resource))].into()),
            ..Scope::default()
        },
        ..to_manual("nobody")
    }
}

async fn in_force(world: &World, resource: &str) -> OptOut {
    let asked = world.opts_out("dana.roth", &freeze(resource)).await.unwrap();
    let mut last = asked;
    for approver in ["bob.okafor", "noor.aziz", "omar.haddad"] {
        if last.state == State::Approved {
            break;
        }
        if let Ok(next) = world.agrees(approver, last.id).await {
            last = next;
        }
    }
    assert_eq!(last.state, State::Approved);
    last
}

async fn ends(world: &World, who: &str, opt_out: &OptOut) -> String {
    let caller = person(who, &Role::ALL);
    let ended = world
        .service
        .revoke_opt_out(&caller, opt_out.id, "All is well again")
        .await;
    outcome(&ended)
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_was_sent_to_review_by_a_freeze_does_not_end_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let freeze = in_force(&world, "service payments-prod").await;
    assert!(
        !world
            .asks("mara.silva", "admin", "service payments-prod")
            .await
            .evaluation
            .answer
    );
    assert_eq!(ends(&world, "mara.silva", &freeze).await, "forbidden covered");
    assert_eq!(
        ends(&world, "tom.becker", &freeze).await,
        "done",
        "he has asked for nothing there"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_answers_for_a_workload_that_met_a_freeze_does_not_end_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let freeze = in_force(&world, "service payments-prod").await;
    assert!(!world.may_deploy().await);
    assert_eq!(ends(&world, "jonas.weber", &freeze).await, "forbidden covered");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_answers_for_an_open_request_does_not_deny_a_freeze_of_what_it_asks_for(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start_with(pool, options, |directory| {
        crate::world::joins(directory, "payments-owners", "jonas.weber");
    })
    .await;
    world.requested_deployment().await;
    let asked = world
        .opts_out("dana.roth", &freeze("service payments-prod"))
        .await
        .unwrap();
    assert_eq!(
        outcome(&world.rejects("jonas.weber", asked.id).await),
        "forbidden covered"
    );
    assert_eq!(outcome(&world.rejects("mara.silva", asked.id).await), "done");
}
