//! Budgets: charged at submission, released where nobody got the bypass, and counted so that a last place goes once.

use crate::world::people::requester;
use crate::world::{World, deployment_bypass, to_manual};
use chrono::TimeDelta;
use domain::budget::PERIOD_DAYS;
use domain::id::OptOutId;
use domain::opt_out::Cause;
use service::budgets::Account;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

impl World {
    /// Payments' account at the strictest tier.
    async fn payments(&self) -> Account {
        let budgets = self.service.budgets(&requester("alice.meyer")).await.unwrap();
        let found = budgets
            .accounts
            .into_iter()
            .map(|line| line.account)
            .find(|account| account.team.as_str() == "payments" && account.tier.as_str() == "critical");
        found.unwrap()
    }

    async fn budget_is(&mut self, budget: u32) {
        self.policy_changes("tiers.toml", "budget = 6", &format!("budget = {budget}"))
            .await;
    }

    async fn stages(&self, id: OptOutId) -> Vec<String> {
        let stored = self.opt_out(id).await;
        stored
            .plan
            .stages
            .iter()
            .map(|stage| stage.name.clone())
            .collect()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_bypass_is_charged_at_submission_and_released_where_nobody_got_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let alice = requester("alice.meyer");
    let asked = async || {
        let opt_out = world.opts_out("alice.meyer", &deployment_bypass()).await;
        opt_out.unwrap()
    };
    assert_eq!(world.payments().await.left(), Some(6));
    world
        .opts_out("dana.roth", &to_manual("ci/payments"))
        .await
        .unwrap();
    assert_eq!(world.payments().await.used, 0, "what is strict is free");

    let rejected = asked().await.id;
    assert_eq!(world.payments().await.used, 1, "before anybody has decided");
    world.rejects("bob.okafor", rejected).await.unwrap();
    assert_eq!(world.payments().await.used, 0);
    let withdrawn = asked().await.id;
    world.service.withdraw_opt_out(&alice, withdrawn).await.unwrap();
    assert_eq!(world.payments().await.used, 0);

    let lapses = asked().await;
    world.clock.set(lapses.lapses_at - TimeDelta::microseconds(1));
    assert_eq!(world.payments().await.used, 1);
    world.clock.set(lapses.lapses_at);
    assert_eq!(world.payments().await.used, 0, "with no worker having run");
    world.service.report_ends().await.unwrap();
    assert_eq!(world.payments().await.used, 0);

    let revoked = world.bypass_in_force(&deployment_bypass()).await;
    world
        .service
        .revoke_opt_out(&alice, revoked.id, "Over")
        .await
        .unwrap();
    assert_eq!(world.payments().await.used, 1, "it was used");
    let edge = revoked.requested_at + TimeDelta::days(PERIOD_DAYS);
    world.clock.set(edge - TimeDelta::microseconds(1));
    assert_eq!(world.payments().await.used, 1);
    world.clock.set(edge);
    assert_eq!(world.payments().await.used, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_empty_budget_asks_one_stage_more(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world.budget_is(1).await;
    let alice = requester("alice.meyer");
    let forecast = async || {
        let preview = world.service.preview_opt_out(&alice, &deployment_bypass()).await;
        let prepared = preview.unwrap().prepared;
        (prepared.accounts[0].left(), prepared.stages.len())
    };
    assert_eq!(forecast().await, (Some(1), 2));
    let first = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(world.stages(first.id).await, ["Owners", "Security"]);
    assert_eq!(first.causes, []);

    assert_eq!(forecast().await, (Some(0), 3), "shown before it is sent");
    let second = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(
        world.stages(second.id).await,
        ["Owners", "Security", "Platform owners"]
    );
    assert_eq!(
        second.causes,
        [Cause::BudgetEmpty {
            teams: ["payments".parse().unwrap()].into()
        }]
    );
    world.agrees("bob.okafor", second.id).await.unwrap();
    world.agrees("omar.haddad", second.id).await.unwrap();
    assert!(!world.may_deploy().await, "two are not enough");
    world.agrees("dana.roth", second.id).await.unwrap();
    assert!(world.may_deploy().await);

    // What was frozen stays, though a place has come back.
    let third = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    for rejected in [first.id, second.id] {
        let _ = world.rejects("mara.silva", rejected).await;
    }
    assert_eq!(world.stages(third.id).await.len(), 3);
    let seen = world.service.opt_out(&alice, third.id).await.unwrap();
    assert_eq!(seen.accounts[0].used, 2, "the first was released");
}

/// Judged again at a vote under another policy, the stage of the empty budget stays, and is not asked twice.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_further_stage_survives_a_change_of_policy(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world.budget_is(0).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world
        .policy_changes("scenarios.toml", "most_renewals = 2", "most_renewals = 1")
        .await;
    world.agrees("bob.okafor", asked.id).await.unwrap();
    let three = ["Owners", "Security", "Platform owners"];
    assert_eq!(world.stages(asked.id).await, three);
    world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(world.stages(asked.id).await, three);
    world.agrees("erik.nilsson", asked.id).await.unwrap();
    assert!(world.may_deploy().await);
}

/// Twelve at once for six places, on two nodes.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_last_place_of_a_budget_goes_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_random(pool, options).await;
    let (other, _) = world.another_node().await;
    let mut asking = JoinSet::new();
    for number in 0..12 {
        let service = if number % 2 == 0 { &world.service } else { &other };
        let service = service.clone();
        asking.spawn(async move {
            let input = deployment_bypass();
            let asked = service.request_opt_out(&requester("alice.meyer"), &input).await;
            asked.unwrap().causes.len()
        });
    }
    let mut causes = asking.join_all().await;
    causes.sort_unstable();
    assert_eq!(causes, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    assert_eq!(world.payments().await.used, 12);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_charged_is_named_to_those_who_may_see_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let named = async |who: &str| {
        let budgets = world.service.budgets(&requester(who)).await.unwrap();
        let line = budgets.accounts.into_iter().find(|line| line.account.used > 0);
        let charges = line.unwrap().charges;
        assert_eq!(charges.len(), 1);
        charges[0].opt_out.clone().map(|(id, _)| id)
    };
    assert_eq!(named("alice.meyer").await, Some(asked.id));
    assert_eq!(named("lena.fischer").await, None);
}
