//! What a policy enforcement point reports of its own decisions, once each.

use crate::world::breaking::emergency;
use crate::world::people::approver;
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::enforcement::Done;
use domain::event::EventKind;
use domain::id::DecisionId;
use service::caller::ClientCaller;
use service::enforcements::EnforcementInput;
use service::post_reviews::About;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

fn report(decision: DecisionId, done: Done) -> EnforcementInput {
    EnforcementInput {
        decision,
        done,
        done_at: None,
        note: String::new(),
    }
}

async fn told(world: &World, client: &ClientCaller, input: &EnforcementInput) -> String {
    match world.service.report_enforcement(client, input).await {
        Ok((_, true)) => "new".to_owned(),
        Ok((_, false)) => "again".to_owned(),
        refused => outcome(&refused),
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_client_reports_its_own_decisions_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let decision = world.denied_deployment().await.id;
    let (gateway, psql) = (&world.gateway, &world.psql);
    let enforced = report(decision, Done::Enforced);
    assert_eq!(
        told(&world, psql, &enforced).await,
        "not found",
        "another client's"
    );
    assert_eq!(told(&world, gateway, &enforced).await, "new");
    world.minutes_pass(5);
    assert_eq!(told(&world, gateway, &enforced).await, "again");
    assert_eq!(
        told(&world, gateway, &report(decision, Done::Bypassed)).await,
        "conflict reported_otherwise",
        "what was said is not taken back"
    );
    assert_eq!(
        told(&world, psql, &enforced).await,
        "not found",
        "and still not another client's"
    );
    assert_eq!(world.events_of(decision).await, ["enforcement.reported"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_cannot_have_been_is_refused(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.hours_pass(1);
    let decision = world.denied_deployment().await;
    let at = |secs: i64| Some(decision.at + TimeDelta::seconds(secs));
    let with = |done_at, note: &str| EnforcementInput {
        done_at,
        note: note.to_owned(),
        ..report(decision.id, Done::Denied)
    };
    for (input, expected) in [
        (with(at(61), ""), "invalid at in_the_future"),
        (with(at(-61), ""), "invalid at before_the_decision"),
        (with(None, &"x".repeat(501)), "invalid note unreadable"),
        (with(None, "one\ntwo"), "invalid note unreadable"),
        (
            report("dec_00000000000000000000000007".parse().unwrap(), Done::Denied),
            "not found",
        ),
    ] {
        assert_eq!(told(&world, &world.gateway, &input).await, expected, "{input:?}");
    }
    assert_eq!(world.count(EventKind::EnforcementReported).await, 0);
    assert_eq!(
        told(&world, &world.gateway, &with(at(60), "late clock")).await,
        "new"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn many_at_once_are_one_report(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start_random(pool, options).await;
    let decision = world.denied_deployment().await.id;
    let mut callers = JoinSet::new();
    for number in 0..12 {
        let (service, client) = (world.service.clone(), world.gateway.clone());
        callers.spawn(async move {
            let input = report(decision, Done::ALL[number % 3]);
            service
                .report_enforcement(&client, &input)
                .await
                .is_ok_and(|(_, new)| new)
        });
    }
    let new = callers.join_all().await.into_iter().filter(|new| *new).count();
    assert_eq!(new, 1);
    assert_eq!(world.events_of(decision).await, ["enforcement.reported"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_review_says_what_was_done_and_what_nobody_reported(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let opt_out = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    let mut decisions = Vec::new();
    for _ in 0..3 {
        decisions.push(
            world
                .asks("jonas.weber", "admin", "service payments-prod")
                .await
                .id,
        );
    }
    for (decision, done) in [(decisions[0], Done::Enforced), (decisions[1], Done::Denied)] {
        assert_eq!(told(&world, &world.gateway, &report(decision, done)).await, "new");
    }
    let review = world.review_of(opt_out.id).await.unwrap();
    let found = world
        .service
        .post_review(&approver("bob.okafor"), review.id)
        .await
        .unwrap();
    let done = found.done;
    assert_eq!(
        (done.as_answered, done.stricter, done.laxer, done.unreported),
        (1, 1, 0, 1)
    );
    let About::OptOut(about) = &found.about else {
        panic!("a bypass");
    };
    let by_use: Vec<_> = about
        .uses
        .iter()
        .map(|each| (each.decision, each.answer, each.done))
        .collect();
    assert_eq!(
        by_use,
        [
            (decisions[1], true, Some(Done::Denied)),
            (decisions[2], true, None),
            (decisions[0], true, Some(Done::Enforced)),
        ],
        "what differs from its answer is looked at first"
    );
    let explained = world
        .service
        .explain_decision(&approver("bob.okafor"), decisions[1])
        .await
        .unwrap();
    assert_eq!(explained.enforcement.unwrap().done, Done::Denied);
}

/// Let through although refused comes before refused although allowed, however old it is.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_was_let_through_against_its_answer_is_looked_at_first(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let opt_out = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    // Under review by a `to_manual` besides, the emergency alone allows nothing.
    let strict = world
        .opts_out("dana.roth", &crate::world::to_manual("jonas.weber"))
        .await
        .unwrap();
    for who in ["tom.becker", "bob.okafor", "omar.haddad", "ravi.patel"] {
        let _ = world.agrees(who, strict.id).await;
    }
    let mut decisions = Vec::new();
    for _ in 0..3 {
        decisions.push(world.asks("jonas.weber", "admin", "service payments-prod").await);
    }
    assert!(decisions.iter().all(|decision| !decision.evaluation.answer));
    assert_eq!(
        told(&world, &world.gateway, &report(decisions[0].id, Done::Bypassed)).await,
        "new"
    );
    assert_eq!(
        told(&world, &world.gateway, &report(decisions[2].id, Done::Denied)).await,
        "new"
    );
    let review = world.review_of(opt_out.id).await.unwrap();
    let found = world
        .service
        .post_review(&approver("bob.okafor"), review.id)
        .await
        .unwrap();
    let About::OptOut(about) = &found.about else {
        panic!("a to_manual");
    };
    let order: Vec<_> = about
        .uses
        .iter()
        .map(|each| (each.decision, each.answer))
        .collect();
    assert_eq!(
        order,
        [decisions[0].id, decisions[2].id, decisions[1].id].map(|id| (id, false))
    );
}
