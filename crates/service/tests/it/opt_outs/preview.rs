//! What the form promises is what comes of it.

use crate::world::people::{approver, requester};
use crate::world::{World, deployment_bypass, to_manual};
use domain::outcome::Outcome;
use service::caller::PersonCaller;
use service::opt_outs::{OptOutInput, ScopeSoFar};
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

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn those_are_told_who_were_promised_to_be(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for input in [deployment_bypass(), to_manual("group:contractors")] {
        let preview = world
            .service
            .preview_opt_out(&requester("alice.meyer"), &input)
            .await
            .unwrap();
        let promised: Vec<String> = preview.told.persons.iter().map(ToString::to_string).collect();
        assert_eq!(preview.told.channel, None, "nothing listens to it");
        world.told().await;
        world.opts_out("alice.meyer", &input).await.unwrap();
        let told = world.told().await;
        let mut told: Vec<&str> = told
            .iter()
            .filter_map(|one| Some(one.split_once(':')?.0))
            .collect();
        told.dedup();
        assert_eq!(told, promised);
        assert!(!promised.is_empty());
    }
    let channel = domain::notice::EndpointKind::Webhook;
    world.endpoint(channel, "#critical-access").await;
    let preview = world
        .service
        .preview_opt_out(&requester("alice.meyer"), &deployment_bypass())
        .await
        .unwrap();
    assert_eq!(preview.told.channel.as_deref(), Some("#critical-access"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_scope_alone_says_what_it_covers_its_tier_and_who_decides(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let alice = requester("alice.meyer");
    let whole = deployment_bypass();
    let mut so_far = ScopeSoFar {
        scenario: None,
        direction: whole.direction,
        scope: whole.scope.clone(),
    };
    let forecast = world
        .service
        .forecast_scope(&alice, &so_far)
        .await
        .unwrap()
        .unwrap();
    let prepared = world
        .service
        .preview_opt_out(&alice, &whole)
        .await
        .unwrap()
        .prepared;
    assert_eq!(forecast.tier, prepared.stored.opt_out.tier);
    assert_eq!(
        (forecast.principals, forecast.resources),
        (prepared.principals, prepared.resources)
    );
    let stages = |stages: &[service::approvals::StageProgress]| -> Vec<(String, usize)> {
        stages
            .iter()
            .map(|one| (one.name.clone(), one.deciders.named))
            .collect()
    };
    assert_eq!(stages(&forecast.stages), stages(&prepared.stages));
    // Nothing is bounded yet, or something that is not there.
    so_far.scope.resources = None;
    so_far.scope.principals = None;
    assert!(
        world
            .service
            .forecast_scope(&alice, &so_far)
            .await
            .unwrap()
            .is_none()
    );
    so_far.scope.principals = Some(
        [domain::scope::PrincipalSelector::Id(
            crate::world::asking::principal("ci/gone"),
        )]
        .into(),
    );
    assert!(
        world
            .service
            .forecast_scope(&alice, &so_far)
            .await
            .unwrap()
            .is_none()
    );
}

/// How many decisions a preview counts, and whom its examples are about.
async fn shown_to(world: &World, caller: &PersonCaller, input: &OptOutInput) -> (usize, Vec<String>) {
    let preview = world.service.preview_opt_out(caller, input).await.unwrap();
    let examples = preview.changes.into_iter().flat_map(|(.., examples)| examples);
    (
        preview.covered,
        examples.map(|example| example.input.principal.id).collect(),
    )
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn examples_are_shown_to_who_reads_the_audit_log_and_of_ones_own(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    for _ in 0..4 {
        world.asks("ci/payments", "deploy", "service payments-prod").await;
    }
    world.asks("alice.meyer", "read", "database ledger-db").await;
    let alice = requester("alice.meyer");
    assert_eq!(shown_to(&world, &alice, &deployment_bypass()).await, (4, vec![]));
    let (covered, examples) = shown_to(&world, &approver("bob.okafor"), &deployment_bypass()).await;
    assert_eq!((covered, examples.len()), (4, 3));

    let of_alice = to_manual("alice.meyer");
    let own = vec!["alice.meyer".to_owned()];
    assert_eq!(shown_to(&world, &alice, &of_alice).await, (1, own));
    let other = requester("dana.roth");
    assert_eq!(shown_to(&world, &other, &of_alice).await, (1, vec![]));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_preview_tries_more_than_one_page_of_decisions(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for _ in 0..205 {
        world.asks("ci/payments", "deploy", "service payments-prod").await;
    }
    let alice = requester("alice.meyer");
    for input in [deployment_bypass(), to_manual("ci/payments")] {
        let preview = world.service.preview_opt_out(&alice, &input).await.unwrap();
        assert_eq!(
            (preview.tried, preview.covered, preview.cut_off),
            (205, 205, false)
        );
    }
}
