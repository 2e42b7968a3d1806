//! A rule that is marked for break-glass alone.

use crate::world::breaking::{RULE, emergency};
use crate::world::people::requester;
use crate::world::{World, bypass, outcome};
use domain::opt_out::OptOutState;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Marks the rule for break-glass alone; the cases that named it no longer do.
async fn mark(world: &mut World) {
    world
        .policy_changes("scenarios.toml", &format!("\"{RULE}\", "), "")
        .await;
    let (both, only) = (
        "@exemptible(\"break_glass\")",
        "@exemptible(\"break_glass_only\")",
    );
    world.policy_changes("rules/automation.cedar", both, only).await;
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_gives_way_to_break_glass_and_no_bypass_can_be_requested(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    mark(&mut world).await;
    let input = bypass("jonas.weber", RULE, "service payments-prod");
    let alice = requester("alice.meyer");
    let told = outcome(&world.service.check_opt_out(&alice, &input).await);
    assert!(told.contains("scope/rules break_glass_only"), "{told}");
    let broken = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(broken.state, OptOutState::Active);
    assert!(world.may_administer().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_second_person_s_approval_leaves_it_in_force(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    mark(&mut world).await;
    let waiting = world.waiting(true).await;
    assert!(!world.may_administer().await);
    let agreed = world.agrees("omar.haddad", waiting.id).await.unwrap();
    assert!(agreed.approved_at.is_some());
    assert!(world.may_administer().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_bypass_from_before_the_mark_takes_the_rule_out_no_longer(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let before = world
        .bypass_in_force(&bypass("jonas.weber", RULE, "service payments-prod"))
        .await;
    assert!(world.may_administer().await);
    mark(&mut world).await;
    assert!(!world.may_administer().await);
    let asked = world
        .service
        .ask_again(&requester("alice.meyer"), before.id, "Still needed")
        .await;
    assert!(outcome(&asked).contains("not_exemptible"), "{}", outcome(&asked));
}
