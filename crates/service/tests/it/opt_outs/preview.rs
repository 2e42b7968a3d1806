//! What the form promises is what comes of it.

use crate::world::people::requester;
use crate::world::{World, deployment_bypass, to_manual};
use domain::outcome::Outcome;
use service::opt_outs::OptOutInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Outcome without it, outcome with it, how many.
async fn promised(world: &World, input: &OptOutInput) -> Vec<(Outcome, Outcome, usize)> {
    let preview = world
        .service
        .preview_opt_out(&requester("alice.meyer"), input)
        .await
        .unwrap();
    preview
        .changes
        .into_iter()
        .map(|(before, after, count, _)| (before, after, count))
        .collect()
}

async fn deploys(world: &World) -> Outcome {
    world
        .asks("ci/payments", "deploy", "service payments-prod")
        .await
        .evaluation
        .effective
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_bypass_does_what_its_preview_said(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    assert_eq!(deploys(&world).await, Outcome::Review);
    let input = deployment_bypass();
    assert_eq!(
        promised(&world, &input).await,
        [(Outcome::Review, Outcome::Automate, 1)]
    );
    assert_eq!(
        deploys(&world).await,
        Outcome::Review,
        "a preview changes nothing"
    );
    world.bypass_in_force(&input).await;
    assert_eq!(deploys(&world).await, Outcome::Automate);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_to_manual_shows_what_would_wait_for_a_person(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for service in ["service payments-prod", "service payments-staging"] {
        world.asks("ci/payments", "deploy", service).await;
    }
    assert_eq!(
        promised(&world, &to_manual("ci/payments")).await,
        [
            (Outcome::Automate, Outcome::Review, 1),
            (Outcome::Review, Outcome::Review, 1),
        ]
    );
}
