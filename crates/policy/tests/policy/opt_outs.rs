//! How opt-outs apply, case by case.

use crate::demo::{self, DEMO};
use crate::support::*;
use chrono::TimeDelta;
use domain::decision::UseEffect::{self, Changed, Hidden};
use domain::decision::{Evaluation, Input};
use domain::digest::Digest;
use domain::name::TierName;
use domain::opt_out::{Direction, OptOut, OptOutState};
use domain::outcome::Outcome::{self, Automate, Deny, Review};
use domain::principal::PrincipalKind;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use policy::{DirectoryView, PolicyVersion, Snapshot, Uses, Without, effects, evaluate};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) fn deploy() -> Input {
    input("workload ci/payments", "deploy", "service payments-prod")
}

fn bypass(number: u128) -> OptOut {
    let (policy, view) = &*DEMO;
    let scope = bypass_scope("service payments-prod", &["no-unattended-prod-deploy"]);
    approved(opt_out(number, Direction::Bypass, scope), policy, view)
}

fn hold(number: u128, scope: Scope) -> OptOut {
    let (policy, view) = &*DEMO;
    approved(opt_out(number, Direction::ToManual, scope), policy, view)
}

fn with(opt_outs: &[OptOut], input: &Input) -> Evaluation {
    let (policy, view) = &*DEMO;
    ask(&snapshot(policy, view, opt_outs, &[]), input)
}

#[test]
fn a_bypass_takes_its_rule_out_and_the_record_says_so() {
    let found = with(&[bypass(1)], &deploy());
    assert_eq!(
        (found.base, found.effective, found.answer),
        (Review, Automate, true)
    );
    assert!(found.changed());
    let applied = &found.applied[0];
    assert_eq!(
        (applied.opt_out, applied.revision, applied.credited),
        (opt_out_id(1), 1, true)
    );
    assert_eq!(
        applied.rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>(),
        ["no-unattended-prod-deploy"]
    );
}

#[test]
fn a_to_manual_turns_automate_into_review_and_leaves_deny() {
    let staging = input("workload ci/payments", "deploy", "service payments-staging");
    let found = with(&[hold(1, who_scope("workload ci/payments"))], &staging);
    assert_eq!(
        (found.base, found.effective, found.answer),
        (Automate, Review, false)
    );
    let denied = input("workload ci/payments", "admin", "service payments-staging");
    let found = with(&[hold(1, who_scope("workload ci/payments"))], &denied);
    assert_eq!((found.base, found.effective), (Deny, Deny));
    assert_eq!(
        found.applied.len(),
        1,
        "it applies, and that is a use, though it changes nothing"
    );
}

#[test]
fn a_to_manual_beats_a_bypass() {
    let found = with(
        &[bypass(1), hold(2, who_scope("workload ci/payments"))],
        &deploy(),
    );
    assert_eq!((found.base, found.effective), (Review, Review));
    assert_eq!(found.applied.len(), 2);
}

/// What each did by itself: not what all of them did together.
#[test]
fn each_says_what_it_did_and_not_what_the_others_did() {
    let (policy, view) = &*DEMO;
    let idle = |number| {
        let scope = bypass_scope("service payments-prod", &["change-freeze"]);
        approved(opt_out(number, Direction::Bypass, scope), policy, view)
    };
    let held = |number| hold(number, who_scope("workload ci/payments"));
    let staging = input("workload ci/payments", "deploy", "service payments-staging");
    let denied = input("workload ci/payments", "admin", "service payments-staging");
    for (opt_outs, input, expected) in [
        (vec![bypass(1)], deploy(), vec![Changed]),
        (vec![bypass(1), idle(2)], deploy(), vec![Changed, UseEffect::None]),
        // Either of them would have been enough: both were needed for the rule to be out, neither is idle.
        (vec![bypass(1), bypass(2)], deploy(), vec![Changed, Changed]),
        (vec![bypass(1), held(2)], deploy(), vec![Hidden, Changed]),
        (vec![idle(1), held(2)], deploy(), vec![Hidden, UseEffect::None]),
        (vec![held(1)], staging, vec![Changed]),
        (vec![held(1)], denied, vec![UseEffect::None]),
    ] {
        let found = with(&opt_outs, &input);
        assert_eq!(effects(&found), expected, "{:?}", found.applied);
    }
}

#[test]
fn it_is_in_force_within_its_window_only_and_only_if_it_was_approved() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[bypass(1)], &[]);
    let micro = TimeDelta::microseconds(1);
    for (now, expected) in [
        (around().starts_at() - micro, Review),
        (around().starts_at(), Automate),
        (around().ends_at() - micro, Automate),
        (around().ends_at(), Review),
    ] {
        assert_eq!(
            evaluate(&held, &deploy(), now, &Without::nothing()).effective,
            expected,
            "{now}"
        );
    }
    for state in [
        OptOutState::Requested,
        OptOutState::InReview { stage: 0 },
        OptOutState::Suspended,
        OptOutState::Expired,
        OptOutState::Revoked,
        OptOutState::Exhausted,
        OptOutState::ClosedEarly,
        OptOutState::Rejected,
        OptOutState::Withdrawn,
        OptOutState::Lapsed,
    ] {
        let mut other = bypass(1);
        other.state = state;
        assert_eq!(with(&[other], &deploy()).effective, Review, "{state:?}");
    }
}

#[test]
fn spent_uses_and_lost_races_leave_it_out() {
    let (policy, view) = &*DEMO;
    let mut limited = bypass(1);
    limited.max_uses = Some(2);
    let uses = Uses::new(1);
    let held = Snapshot::builder(1, Arc::clone(policy), Arc::clone(view))
        .opt_out(Arc::new(limited), uses.clone())
        .build()
        .unwrap();
    assert_eq!(ask(&held, &deploy()).effective, Automate);
    let loser = evaluate(&held, &deploy(), tuesday(), &Without::from_iter([opt_out_id(1)]));
    assert_eq!(
        (loser.effective, loser.applied.len(), loser.considered.len()),
        (Review, 0, 0)
    );
    uses.raise_to(2);
    assert_eq!(ask(&held, &deploy()).effective, Review);
    uses.raise_to(1);
    assert_eq!(
        ask(&held, &deploy()).effective,
        Review,
        "a count is never lowered"
    );
}

#[test]
fn a_bypass_ignores_inputs_of_a_stricter_tier_and_a_to_manual_does_not() {
    for (tier, expected) in [
        ("low", Review),
        ("high", Review),
        ("critical", Automate),
        ("gone", Review),
    ] {
        let mut lesser = bypass(1);
        lesser.tier = TierName::new(tier).unwrap();
        assert_eq!(with(&[lesser], &deploy()).effective, expected, "{tier}");
    }
    let mut lesser = hold(1, who_scope("workload ci/payments"));
    lesser.tier = TierName::new("low").unwrap();
    assert_eq!(with(&[lesser, bypass(2)], &deploy()).effective, Review);
}

#[test]
fn a_changed_body_puts_the_bypass_out_of_force() {
    let mut files = demo::files();
    let text = files.get_mut("rules/automation.cedar").unwrap();
    *text = text.replace(
        "context.tier == \"critical\" };",
        "context.tier == \"critical\" && true };",
    );
    let changed = Arc::new(PolicyVersion::load(&files).unwrap());
    let view = Arc::new(DirectoryView::new(&changed, Arc::new(demo::directory())).unwrap());
    let held = snapshot(&changed, &view, &[bypass(1)], &[]);
    let found = ask(&held, &deploy());
    assert_eq!((found.effective, found.applied.len()), (Review, 0));

    // Unless the version says that it is the same to it. Of a text that is none of its own it says nothing.
    for (carried, effective) in [
        (bypass(1).pinned[0].body_digest, Automate),
        (Digest::of(b"another"), Review),
    ] {
        let mut files = files.clone();
        let text = files.get_mut("rules/automation.cedar").unwrap();
        let id = "@id(\"no-unattended-prod-deploy\")";
        *text = text.replacen(id, &format!("{id}\n@carries_over(\"{carried}\")"), 1);
        let carrying = Arc::new(PolicyVersion::load(&files).unwrap());
        let view = Arc::new(DirectoryView::new(&carrying, Arc::new(demo::directory())).unwrap());
        let found = ask(&snapshot(&carrying, &view, &[bypass(1)], &[]), &deploy());
        assert_eq!(found.effective, effective);
    }
}

#[test]
fn only_what_is_pinned_named_and_exemptible_is_taken_out() {
    let (policy, view) = &*DEMO;
    let mut export = input("person alice.meyer", "read", "database ledger-db");
    export.asserted.insert("rows".to_owned(), json!(20_000));
    let scope = bypass_scope("database ledger-db", &["no-bulk-export", "read-needs-ticket"]);
    let found = with(
        &[approved(opt_out(1, Direction::Bypass, scope), policy, view)],
        &export,
    );
    assert_eq!(found.effective, Deny, "no-bulk-export is a security rule");
    assert_eq!(found.applied[0].rules.len(), 1);
    let mut unpinned = bypass(1);
    unpinned.pinned.clear();
    assert_eq!(with(&[unpinned], &deploy()).effective, Review);
    let mut unnamed = bypass(1);
    unnamed.scope.rules.clear();
    assert_eq!(with(&[unnamed], &deploy()).effective, Review);
}

#[test]
fn break_glass_reaches_only_rules_marked_for_it() {
    let (policy, view) = &*DEMO;
    let broken = |on: &str, rule: &str| {
        let mut broken = approved(
            opt_out(1, Direction::Bypass, bypass_scope(on, &[rule])),
            policy,
            view,
        );
        broken.state = OptOutState::Active;
        broken.approved_at = None;
        broken.break_glass = Some(crate::support::break_glass());
        broken
    };
    let found = with(
        &[broken("service payments-prod", "no-unattended-prod-deploy")],
        &deploy(),
    );
    assert_eq!(found.effective, Review);
    // admin-needs-a-person is marked for it; the on-call engineer's admin is then held by no rule, but no rule
    // automates it either.
    let admin = input("person erik.nilsson", "admin", "service edge-gw");
    let found = with(&[broken("service edge-gw", "admin-needs-a-person")], &admin);
    assert_eq!(found.applied[0].rules.len(), 1);
}

#[test]
fn a_growing_group_widens_no_bypass_and_leaving_one_escapes_no_to_manual() {
    let (policy, view) = &*DEMO;
    let scope = Scope {
        principals: Some(BTreeSet::from([PrincipalSelector::Kind(PrincipalKind::Workload)])),
        ..bypass_scope("service payments-prod", &["no-unattended-prod-deploy"])
    };
    let mut before = approved(opt_out(1, Direction::Bypass, scope), policy, view);
    before
        .coverage
        .principals
        .as_mut()
        .unwrap()
        .remove(&principal("workload ci/payments"));
    assert_eq!(
        with(&[before], &deploy()).effective,
        Review,
        "it is covered now, but was not at approval"
    );
    let staging = input("workload ci/payments", "deploy", "service payments-staging");
    let mut left = hold(1, who_scope("workload ci/data"));
    left.coverage
        .principals
        .as_mut()
        .unwrap()
        .insert(principal("workload ci/payments"));
    assert_eq!(
        with(&[left], &staging).effective,
        Review,
        "it was covered at approval, but is not now"
    );
}

#[test]
fn every_selector_of_a_to_manual_finds_its_input() {
    let read = input("person alice.meyer", "read", "database warehouse");
    let label = ResourceSelector::Label {
        key: "env".to_owned(),
        value: "prod".to_owned(),
    };
    let who = |selector| Scope {
        principals: Some(BTreeSet::from([selector])),
        ..Scope::default()
    };
    let on = |selector| Scope {
        resources: Some(BTreeSet::from([selector])),
        ..Scope::default()
    };
    for scope in [
        who(PrincipalSelector::Id(principal("person alice.meyer"))),
        who(PrincipalSelector::Group("staff-or-auditor".parse().unwrap())),
        who(PrincipalSelector::Team("data".parse().unwrap())),
        who(PrincipalSelector::Kind(PrincipalKind::Person)),
        on(ResourceSelector::Id(resource("database warehouse"))),
        on(label),
        on(ResourceSelector::Team("data".parse().unwrap())),
        on(ResourceSelector::Type("database".to_owned())),
    ] {
        // Without coverage it is the selector alone that reaches.
        let bare = opt_out(1, Direction::ToManual, scope.clone());
        assert_eq!(with(&[bare], &read).effective, Review, "{scope:?}");
    }
    let replica = input("person alice.meyer", "read", "database ledger-db-replica");
    let part = opt_out(
        1,
        Direction::ToManual,
        on(ResourceSelector::Id(resource("database ledger-db"))),
    );
    assert_eq!(with(&[part], &replica).applied.len(), 1);
}

#[test]
fn the_narrowest_is_credited() {
    let narrow = Scope {
        principals: Some(BTreeSet::from([PrincipalSelector::Id(principal(
            "workload ci/payments",
        ))])),
        ..bypass_scope("service payments-prod", &["no-unattended-prod-deploy"])
    };
    let (policy, view) = &*DEMO;
    let narrow = approved(opt_out(9, Direction::Bypass, narrow), policy, view);
    let found = with(
        &[bypass(1), narrow, hold(2, who_scope("workload ci/payments"))],
        &deploy(),
    );
    let credited: Vec<_> = found
        .applied
        .iter()
        .filter(|applied| applied.credited)
        .map(|one| one.opt_out)
        .collect();
    assert_eq!(credited, [opt_out_id(9)]);
    let same = with(&[bypass(4), bypass(3)], &deploy());
    assert!(
        same.applied[0].credited && same.applied[0].opt_out == opt_out_id(3),
        "of equals the oldest"
    );
    assert!(!same.applied[1].credited);
}

#[test]
fn the_newest_revision_stands() {
    let mut revoked = bypass(1);
    revoked.revision = 2;
    revoked.state = OptOutState::Revoked;
    for order in [[bypass(1), revoked.clone()], [revoked, bypass(1)]] {
        assert_eq!(with(&order, &deploy()).effective, Outcome::Review);
    }
}

#[test]
fn a_snapshot_refuses_a_directory_built_for_another_policy() {
    let (_, view) = &*DEMO;
    let mut files = demo::files();
    files.get_mut("rules/access.cedar").unwrap().push('\n');
    let other = Arc::new(PolicyVersion::load(&files).unwrap());
    assert!(Snapshot::builder(1, other, Arc::clone(view)).build().is_err());
}
