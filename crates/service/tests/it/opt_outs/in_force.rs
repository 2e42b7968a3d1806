//! What an approved opt-out covers while people, groups, labels and rules change around it.

use crate::world::people::approver;
use crate::world::{World, bypass, deployment_bypass, joins, leaves, to_manual};
use chrono::TimeDelta;
use domain::opt_out::OptOutState as State;
use domain::outcome::Outcome;
use domain::scope::{PrincipalSelector, ResourceSelector};
use service::opt_outs::OptOutInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

async fn outcome_of(world: &World, who: &str, what: &str, on: &str) -> Outcome {
    world.asks(who, what, on).await.evaluation.effective
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_growing_group_or_label_never_widens_a_bypass(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let mut input = bypass("liam.byrne", "contractors-need-review", "service search-prod");
    input.scope.principals = Some([PrincipalSelector::Group("contractors".parse().unwrap())].into());
    input.scope.resources = Some(
        [ResourceSelector::Label {
            key: "system".into(),
            value: "search".into(),
        }]
        .into(),
    );
    input.scope.capabilities = Some(["deploy".parse().unwrap()].into());
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    assert_eq!(
        outcome_of(&world, "liam.byrne", "deploy", "service search-prod").await,
        Outcome::Review
    );
    world.agrees("yuki.mori", asked.id).await.unwrap();
    assert_eq!(
        outcome_of(&world, "liam.byrne", "deploy", "service search-prod").await,
        Outcome::Automate
    );
    world
        .directory_changes(|directory| {
            let mut other = directory
                .principals
                .iter()
                .find(|one| one.id == "liam.byrne")
                .unwrap()
                .clone();
            other.id = "new.contractor".into();
            directory.principals.push(other);
            joins(directory, "contractors", "new.contractor");
            let mut index = directory
                .resources
                .iter()
                .find(|one| one.id == "search-prod")
                .unwrap()
                .clone();
            index.id = "search-index".into();
            directory.resources.push(index);
        })
        .await;
    assert_eq!(
        outcome_of(&world, "new.contractor", "deploy", "service search-prod").await,
        Outcome::Review
    );
    assert_eq!(
        outcome_of(&world, "liam.byrne", "deploy", "service search-index").await,
        Outcome::Review
    );
    assert_eq!(
        outcome_of(&world, "liam.byrne", "deploy", "service search-prod").await,
        Outcome::Automate
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_no_longer_covered_a_bypass_loses(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let mut input = bypass("liam.byrne", "contractors-need-review", "service search-prod");
    input.scope.resources = Some(
        [ResourceSelector::Label {
            key: "system".into(),
            value: "search".into(),
        }]
        .into(),
    );
    input.scope.capabilities = Some(["deploy".parse().unwrap()].into());
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    world.agrees("yuki.mori", asked.id).await.unwrap();
    world
        .directory_changes(|directory| {
            let service = directory
                .resources
                .iter_mut()
                .find(|one| one.id == "search-prod")
                .unwrap();
            service.labels.insert("system".into(), "other".into());
        })
        .await;
    assert_eq!(
        outcome_of(&world, "liam.byrne", "deploy", "service search-prod").await,
        Outcome::Review
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn leaving_a_group_never_loosens_and_joining_one_tightens(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let read = ("read", "database warehouse");
    assert_eq!(
        outcome_of(&world, "alice.meyer", read.0, read.1).await,
        Outcome::Automate
    );
    let asked = world
        .opts_out("dana.roth", &to_manual("group:data-engineers"))
        .await
        .unwrap();
    world.agrees("ravi.patel", asked.id).await.unwrap();
    world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(
        outcome_of(&world, "alice.meyer", read.0, read.1).await,
        Outcome::Review
    );
    assert_eq!(
        outcome_of(&world, "lena.fischer", read.0, read.1).await,
        Outcome::Automate
    );
    world
        .directory_changes(|directory| {
            leaves(directory, "data-engineers", "alice.meyer");
            joins(directory, "data-engineers", "lena.fischer");
        })
        .await;
    for who in ["alice.meyer", "lena.fischer"] {
        assert_eq!(
            outcome_of(&world, who, read.0, read.1).await,
            Outcome::Review,
            "{who}"
        );
    }
    let decision = world.asks("alice.meyer", read.0, read.1).await.evaluation;
    assert_eq!((decision.base, decision.applied.len()), (Outcome::Automate, 1));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_changed_rule_takes_its_bypass_out_of_force_at_once(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.bypass_in_force(&deployment_bypass()).await;
    assert!(world.may_deploy().await);
    let rule = "context.capability == \"deploy\" && context.tier == \"critical\"";
    world
        .policy_changes("rules/automation.cedar", rule, &format!("{rule} && true"))
        .await;
    assert!(!world.may_deploy().await);
    world
        .policy_changes("rules/automation.cedar", &format!("{rule} && true"), rule)
        .await;
    assert!(world.may_deploy().await, "the text that was approved is back");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_length_runs_from_the_approval_however_late_it_comes(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(asked.window.length_secs(), 4 * 3_600);
    world.hours_pass(20);
    assert_eq!(
        world.service.report_ends().await.unwrap(),
        0,
        "asked in the evening, decided next morning"
    );
    assert_eq!(
        world
            .service
            .inbox(&approver("bob.okafor"))
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    world.agrees("bob.okafor", asked.id).await.unwrap();
    let approved = world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(
        (approved.window.starts_at(), approved.window.length_secs()),
        (world.now(), 4 * 3_600)
    );
    assert!(world.may_deploy().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_instant_that_was_named_stays_however_late_the_approval(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world
        .opts_out("alice.meyer", &ending_in(&world, 6))
        .await
        .unwrap();
    assert_eq!(
        asked.lapses_at,
        asked.window.ends_at(),
        "after its end there is nothing to decide"
    );
    world.hours_pass(5);
    world.agrees("bob.okafor", asked.id).await.unwrap();
    let approved = world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(approved.window.ends_at(), asked.window.ends_at());
    assert_eq!(approved.window.length_secs(), 3_600);

    let late = world
        .opts_out("alice.meyer", &ending_in(&world, 1))
        .await
        .unwrap();
    world.hours_pass(1);
    assert_eq!(
        world.opt_out(late.id).await.opt_out.state_at(world.now(), 0),
        State::Lapsed
    );
}

/// An input that names its end as an instant.
fn ending_in(world: &World, hours: i64) -> OptOutInput {
    OptOutInput {
        length_secs: None,
        ends_at: Some(world.now() + TimeDelta::hours(hours)),
        ..deployment_bypass()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_scheduled_one_begins_by_itself(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let mut input = deployment_bypass();
    input.starts_at = Some(world.now() + TimeDelta::hours(2));
    let approved = world.bypass_in_force(&input).await;
    assert!(!world.may_deploy().await);
    world
        .clock
        .set(approved.window.starts_at() - TimeDelta::microseconds(1));
    assert!(!world.may_deploy().await);
    world.clock.set(approved.window.starts_at());
    assert!(world.may_deploy().await);
    world.clock.set(approved.window.ends_at());
    assert!(!world.may_deploy().await);
}
