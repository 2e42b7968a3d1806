//! A rule that changes suspends the bypasses that name it; back they come with its present text, once their approvers have seen
//! that and agree.

use crate::world::people::{approver, requester};
use crate::world::{World, deployment_bypass, outcome};
use domain::opt_out::{OptOut, OptOutState, SuspensionCause};
use domain::shown::Field;
use service::approvals::{Standpoint, VoteInput};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const FILE: &str = "rules/automation.cedar";
const AS_APPROVED: &str = "context.capability == \"deploy\" && context.tier == \"critical\" };";
const CHANGED: &str = "[\"deploy\"].contains(context.capability) && context.tier == \"critical\" };";
const CHANGED_AGAIN: &str =
    "[\"deploy\", \"ship\"].contains(context.capability) && context.tier == \"critical\" };";

impl World {
    async fn rule_becomes(&mut self, from: &str, to: &str) {
        self.policy_changes(FILE, from, to).await;
    }

    /// In force, and then out of it because its rule has changed.
    async fn bypass_of_a_changed_rule(&mut self) -> OptOut {
        let bypass = self.bypass_in_force(&deployment_bypass()).await;
        self.rule_becomes(AS_APPROVED, CHANGED).await;
        assert!(!self.may_deploy().await, "before any worker");
        assert_eq!(self.service.suspend_what_fell().await.unwrap(), 1);
        assert_eq!(self.service.suspend_what_fell().await.unwrap(), 0);
        bypass
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_comes_back_with_the_present_text_once_its_approvers_have_seen_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let bypass = world.bypass_of_a_changed_rule().await;
    let suspended = world.opt_out(bypass.id).await.opt_out;
    assert!(matches!(
        suspended.conditions.suspension.as_ref().unwrap().cause,
        SuspensionCause::RuleChanged { .. }
    ));
    let alice = requester("alice.meyer");
    let page = world.service.opt_out(&alice, bypass.id).await.unwrap();
    assert_eq!(page.may_ask_again, Some(Standpoint::MayVote));
    let [changed] = page.changed_rules.as_slice() else {
        panic!("one rule has changed");
    };
    assert_eq!(changed.was, bypass.pinned[0]);
    let present = changed.is.clone().unwrap();
    assert_ne!(present.body_digest, bypass.pinned[0].body_digest);
    assert!(present.cedar.contains("contains(context.capability)"));

    world
        .asks_again("alice.meyer", bypass.id, "It says the same")
        .await
        .unwrap();
    assert!(!world.may_deploy().await, "asking puts nothing back");
    assert_eq!(world.opt_out(bypass.id).await.opt_out.pinned, bypass.pinned);
    // What the vote is bound to says both, and what the rule says now.
    let page = world
        .service
        .opt_out(&approver("bob.okafor"), bypass.id)
        .await
        .unwrap();
    let before = page.before_vote.unwrap();
    let says = |field| {
        let (_, entry) = before.shown.entries().find(|(found, _)| *found == field).unwrap();
        entry.words()
    };
    assert!(says(Field::Rules).contains(&bypass.pinned[0].body_digest.to_string()));
    assert!(says(Field::ChangedRules).contains(&present.body_digest.to_string()));
    assert!(says(Field::ChangedRules).contains(&present.description));

    world.agrees("bob.okafor", bypass.id).await.unwrap();
    assert!(!world.may_deploy().await);
    let back = world.agrees("omar.haddad", bypass.id).await.unwrap();
    assert_eq!(back.state, OptOutState::Active);
    assert_eq!(back.pinned[0].body_digest, present.body_digest);
    assert_eq!(back.conditions.suspension, None);
    assert!(world.may_deploy().await);
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 0);
    let page = world.service.opt_out(&alice, bypass.id).await.unwrap();
    assert_eq!(page.changed_rules, []);
    let decision = world.asks("ci/payments", "deploy", "service payments-prod").await;
    assert!(world.service.replay(decision.id).await.unwrap().agrees());
}

/// What the first of them saw is not what the second would approve: nothing comes back by such halves.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn changed_again_between_two_votes_it_is_asked_about_anew(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let bypass = world.bypass_of_a_changed_rule().await;
    world
        .asks_again("alice.meyer", bypass.id, "It says the same")
        .await
        .unwrap();
    assert_eq!(
        outcome(&world.asks_again("alice.meyer", bypass.id, "Please").await),
        "conflict asked_already"
    );
    let omar = approver("omar.haddad");
    world.agrees("bob.okafor", bypass.id).await.unwrap();
    let seen = crate::world::voting::on_opt_out(&world.service, &omar, bypass.id, VoteInput::approve()).await;
    world.rule_becomes(CHANGED, CHANGED_AGAIN).await;
    assert_eq!(
        outcome(&world.service.vote_on_opt_out(&omar, bypass.id, seen).await),
        "conflict rule_changed"
    );
    assert_eq!(
        outcome(&world.agrees("omar.haddad", bypass.id).await),
        "conflict rule_changed",
        "nor after another look"
    );
    assert!(!world.may_deploy().await);
    let alice = requester("alice.meyer");
    let page = world.service.opt_out(&alice, bypass.id).await.unwrap();
    assert_eq!(page.may_ask_again, Some(Standpoint::MayVote), "she can ask anew");
    world
        .asks_again("alice.meyer", bypass.id, "It ships nothing here")
        .await
        .unwrap();
    assert_eq!(
        outcome(&world.agrees("omar.haddad", bypass.id).await),
        "forbidden not_eligible",
        "all stages of them, from the first"
    );
    world.agrees("bob.okafor", bypass.id).await.unwrap();
    let back = world.agrees("omar.haddad", bypass.id).await.unwrap();
    assert_eq!(back.state, OptOutState::Active);
    assert!(world.may_deploy().await);
    // As it was approved first: that text is another one by now.
    world.rule_becomes(CHANGED_AGAIN, AS_APPROVED).await;
    assert!(!world.may_deploy().await);
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_rule_that_nobody_can_be_out_of_any_more_lets_nothing_come_back(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let bypass = world.bypass_of_a_changed_rule().await;
    // No case can list a rule that is closed, or not there.
    world
        .policy_changes("scenarios.toml", "\"no-unattended-prod-deploy\", ", "")
        .await;
    let rule = world.policy[FILE].clone();
    let (before, named) = rule.split_once("@id(\"no-unattended-prod-deploy\")").unwrap();
    let closed = format!(
        "{before}@id(\"no-unattended-prod-deploy\"){}",
        named.replacen("@exemptible(\"bypass\")\n", "", 1)
    );
    world.policy_changes(FILE, &rule, &closed).await;
    let refused =
        |page: &service::opt_outs::OptOutDetail| matches!(page.may_ask_again, Some(Standpoint::MayNot(_)));
    let alice = requester("alice.meyer");
    assert!(refused(&world.service.opt_out(&alice, bypass.id).await.unwrap()));
    assert_eq!(
        outcome(&world.asks_again("alice.meyer", bypass.id, "Again").await),
        "conflict not_exemptible"
    );
    let gone = closed.replace("no-unattended-prod-deploy", "no-unattended-deploy");
    world.policy_changes(FILE, &closed, &gone).await;
    assert!(refused(&world.service.opt_out(&alice, bypass.id).await.unwrap()));
    assert_eq!(
        outcome(&world.asks_again("alice.meyer", bypass.id, "Again").await),
        "conflict rule_gone"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_change_that_carries_it_over_takes_nothing_out_of_force(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    const ID: &str = "@id(\"no-unattended-prod-deploy\")";
    let mut world = World::start(pool, options).await;
    let bypass = world.bypass_in_force(&deployment_bypass()).await;
    let carrying = format!("{ID}\n@carries_over(\"{}\")", bypass.pinned[0].body_digest);
    let file = world.policy[FILE].clone();
    let changed = file.replace(AS_APPROVED, CHANGED).replacen(ID, &carrying, 1);
    world.policy_changes(FILE, &file, &changed).await;
    assert!(world.may_deploy().await);
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 0);
    let alice = requester("alice.meyer");
    let page = world.service.opt_out(&alice, bypass.id).await.unwrap();
    assert_eq!((page.state, page.changed_rules.len()), (OptOutState::Active, 0));
    assert_eq!(page.carried_rules, [bypass.pinned[0].id.clone()]);
    let decision = world.asks("ci/payments", "deploy", "service payments-prod").await;
    assert!(world.service.replay(decision.id).await.unwrap().agrees());
    // What was approved in between has the present text, which another change has to carry over too.
    let later = world.bypass_in_force(&deployment_bypass()).await;
    assert_ne!(later.pinned, bypass.pinned);
    let changed_again = changed.replace(CHANGED, CHANGED_AGAIN);
    world.policy_changes(FILE, &changed, &changed_again).await;
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 1);
    assert_eq!(world.opt_out(bypass.id).await.opt_out.conditions.suspension, None);
    assert_eq!(
        world.opt_out(later.id).await.opt_out.state,
        OptOutState::Suspended
    );
    // What is suspended comes back by a fresh approval alone, whatever a later version carries over.
    let both = format!("{} {}", bypass.pinned[0].body_digest, later.pinned[0].body_digest);
    let forgiving = changed_again.replace(&bypass.pinned[0].body_digest.to_string(), &both);
    world.policy_changes(FILE, &changed_again, &forgiving).await;
    assert_eq!(
        world.opt_out(later.id).await.opt_out.state,
        OptOutState::Suspended
    );
}
