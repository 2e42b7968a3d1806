//! Break-glass: in force at its commit on every node, for what may be broken alone, and no hour of it uncounted.

mod access;
mod access_hours;
mod hours;
mod only;
mod reach;
mod second_person;
mod telling;

use crate::world::World;
use crate::world::asking::{ask, principal, resource};
use crate::world::breaking::{emergency, lasting, responder};
use crate::world::outcome;
use crate::world::people::{approver, person};
use domain::break_glass::SignInStrength;
use domain::event::EventKind;
use domain::opt_out::OptOutState;
use domain::outcome::Outcome;
use domain::role::Role;
use serde_json::json;
use service::break_glass::BreakGlassInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_in_force_at_its_commit_on_every_node_and_ends_by_itself(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (_, elsewhere) = world.another_node().await;
    let gateway = world.gateway.clone();
    let there = async || {
        ask(
            &elsewhere,
            &gateway,
            "jonas.weber",
            "admin",
            "service payments-prod",
            json!({}),
        )
        .await
        .evaluation
    };
    assert!(!world.may_administer().await);
    assert_eq!(there().await.effective, Outcome::Review);

    let opt_out = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(opt_out.state, OptOutState::Active);
    let evaluation = there().await;
    assert!(evaluation.answer, "on the other node, at the commit");
    assert_eq!(
        (evaluation.base, evaluation.effective),
        (Outcome::Review, Outcome::Automate)
    );
    assert!(world.may_administer().await);
    // Nobody else, nothing else.
    for (who, what, on) in [
        ("dana.roth", "admin", "service payments-prod"),
        ("jonas.weber", "admin", "service search-prod"),
    ] {
        assert_eq!(
            world.asks(who, what, on).await.evaluation.effective,
            Outcome::Review,
            "{who} {on}"
        );
    }
    assert_eq!(world.events_of(opt_out.id).await, ["opt_out.broke_glass"]);
    let (uses, changed) = store::opt_outs::use_counts(&world.app, opt_out.id).await.unwrap();
    assert_eq!((uses, changed), (2, 2), "each with its counterfactual");
    let closed = world
        .service
        .close_opt_out(&responder("jonas.weber"), opt_out.id, "")
        .await;
    assert_eq!(outcome(&closed), "forbidden not_for_break_glass");

    world.minutes_pass(60);
    assert!(!world.may_administer().await, "no job has run");
    assert!(!there().await.answer);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_not_for_emergencies_is_refused_by_its_field(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let before = world.rows().await;
    let with = |change: fn(&mut BreakGlassInput)| {
        let mut input = emergency("jonas.weber");
        change(&mut input);
        input
    };
    for (input, expected) in [
        (
            with(|input| input.rules = ["no-unattended-prod-deploy".parse().unwrap()].into()),
            "invalid rules not_for_emergencies",
        ),
        (
            with(|input| input.rules = ["no-bulk-export".parse().unwrap()].into()),
            "invalid rules not_for_emergencies",
        ),
        (
            with(|input| input.rules = ["unheard-of".parse().unwrap()].into()),
            "invalid rules unknown",
        ),
        (with(|input| input.rules.clear()), "invalid rules missing"),
        (
            with(|input| input.confirmation = "payments-staging".into()),
            "invalid confirmation not_confirmed",
        ),
        (
            with(|input| input.confirmation.clear()),
            "invalid confirmation not_confirmed",
        ),
        (
            with(|input| {
                input.resource = resource("service unheard-of");
                input.confirmation = "unheard-of".into();
            }),
            "invalid resource unknown",
        ),
        (
            with(|input| input.principal = principal("dana.roth")),
            "invalid principal not_yours",
        ),
        (
            with(|input| input.principal = principal("ci/search")),
            "invalid principal not_yours",
        ),
        (
            with(|input| input.reason = "broken".into()),
            "invalid reason reason_too_short",
        ),
        (
            with(|input| input.reason = "x".repeat(2_001)),
            "invalid reason reason_too_long",
        ),
        (
            with(|input| input.incident = " \u{200b}".into()),
            "invalid incident incident_missing, incident incident_unreadable",
        ),
        (
            with(|input| input.incident = "x".repeat(65)),
            "invalid incident incident_unreadable",
        ),
        (
            with(|input| input.length_secs = Some(4 * 3_600 + 1)),
            "invalid length_secs length",
        ),
        (
            with(|input| input.length_secs = Some(0)),
            "invalid length_secs length",
        ),
        (
            with(|input| input.length_secs = Some(i64::MAX)),
            "invalid length_secs length",
        ),
    ] {
        let told = outcome(&world.breaks_glass("jonas.weber", &input).await);
        assert_eq!(told, expected, "{input:?}");
        // What could not be sent is refused by the look at it too.
        assert_eq!(
            outcome(
                &world
                    .service
                    .check_break_glass(&responder("jonas.weber"), &input)
                    .await
            ),
            expected
        );
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    let own_pipeline = with(|input| input.principal = principal("ci/payments"));
    assert_eq!(
        outcome(&world.breaks_glass("jonas.weber", &own_pipeline).await),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_takes_a_permission_of_its_own(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let others: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|role| *role != Role::Responder)
        .collect();
    let input = emergency("jonas.weber");
    for caller in [person("jonas.weber", &others), person("jonas.weber", &[])] {
        let told = outcome(&world.service.break_glass(&caller, &input, world.fresh()).await);
        assert_eq!(told, "forbidden not_permitted");
        assert_eq!(
            outcome(&world.service.break_glass_offer(&caller, None).await),
            "forbidden not_permitted"
        );
        assert_eq!(
            outcome(&world.service.check_break_glass(&caller, &input).await),
            "forbidden not_permitted"
        );
    }
    assert_eq!(world.count(EventKind::OptOutBrokeGlass).await, 0);
    let offer = world
        .service
        .break_glass_offer(&responder("jonas.weber"), None)
        .await
        .unwrap();
    let rules: Vec<&str> = offer.rules.iter().map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(
        rules,
        [crate::world::breaking::RULE],
        "only those that are marked"
    );
    assert_eq!(
        offer.principals.len(),
        3,
        "himself and the two workloads that he answers for"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_that_is_not_fresh_is_asked_for_unless_the_provider_is_down(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let jonas = responder("jonas.weber");
    let input = emergency("jonas.weber");
    let before = world.rows().await;
    for (minutes, answers, expected) in [
        (6, true, "forbidden sign_in_again"),
        (481, false, "forbidden session_too_old"),
        (481, true, "forbidden sign_in_again"),
    ] {
        let proof = world.signed_in(minutes, answers);
        assert_eq!(
            outcome(&world.service.break_glass(&jonas, &input, proof).await),
            expected
        );
    }
    assert_eq!(world.rows().await, before, "nothing was written");

    for (minutes, answers, strength, hours) in [
        (5, true, SignInStrength::Fresh, 72),
        (480, false, SignInStrength::Session, 24),
    ] {
        let proof = world.signed_in(minutes, answers);
        let opt_out = world.service.break_glass(&jonas, &input, proof).await.unwrap();
        assert_eq!(opt_out.break_glass.as_ref().unwrap().sign_in, strength);
        let review = world.review_of(opt_out.id).await.unwrap();
        assert_eq!((review.due_at - world.now()).num_hours(), hours, "{strength:?}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_was_skipped_sees_it_and_nobody_else(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let opt_out = world
        .breaks_glass("jonas.weber", &lasting("jonas.weber", 1))
        .await
        .unwrap();
    let sees = async |caller| {
        let home = world.service.home(&caller).await.unwrap();
        home.broken
            .iter()
            .any(|broken| broken.what.id() == opt_out.id.into())
    };
    for (who, expected) in [
        ("bob.okafor", true),
        ("omar.haddad", true),
        ("ravi.patel", false),
        ("jonas.weber", false),
    ] {
        assert_eq!(sees(approver(who)).await, expected, "{who}");
    }
    // Over, but nobody has looked yet.
    world.hours_pass(2);
    assert!(sees(approver("bob.okafor")).await);
    world.justified(opt_out.id).await;
    assert!(!sees(approver("bob.okafor")).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_rule_that_is_no_longer_for_emergencies_holds_again(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert!(world.may_administer().await);
    world
        .policy_changes(
            "rules/automation.cedar",
            "@exemptible(\"break_glass\")",
            "@exemptible(\"bypass\")",
        )
        .await;
    assert!(!world.may_administer().await);
}
