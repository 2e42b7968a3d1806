//! Temporary roles: while a grant of one is in force, its holder has it as a parent.

use crate::demo::DEMO;
use crate::support::*;
use domain::decision::Input;
use domain::grant::Grant;
use domain::opt_out::{Direction, OptOut};
use domain::outcome::Outcome;
use domain::rule::Question;
use domain::window::Instant;
use policy::{Without, evaluate};

fn membership() -> Input {
    input("person yuki.mori", "member", "role incident-admin")
}

fn role() -> Grant {
    let (policy, view) = &*DEMO;
    grant(
        3,
        &membership(),
        &ask(&snapshot(policy, view, &[], &[]), &membership()),
    )
}

#[test]
fn a_role_is_asked_for_like_anything_else() {
    let (policy, view) = &*DEMO;
    let found = ask(&snapshot(policy, view, &[], &[]), &membership());
    assert_eq!((found.effective, found.tier.as_str()), (Outcome::Review, "high"));
    assert!(ask(&snapshot(policy, view, &[], &[role()]), &membership()).answer);
}

#[test]
fn the_holder_may_what_the_role_may_while_the_grant_lasts() {
    let (policy, view) = &*DEMO;
    let admin = input("person yuki.mori", "admin", "service edge-gw");
    let held = snapshot(policy, view, &[], &[role()]);
    let at = |now| evaluate(&held, &admin, now, &Without::nothing());
    let within = at(tuesday());
    assert_eq!(within.effective, Outcome::Automate, "{:#?}", within.matches);
    let permits = &within.matches[&Question::Grant].permits;
    assert!(
        permits
            .iter()
            .any(|rule| rule.as_str() == "incident-admin-may-administer")
    );
    assert_eq!(at(around().ends_at()).effective, Outcome::Deny);
    let other = input("person lena.fischer", "admin", "service edge-gw");
    assert_eq!(ask(&held, &other).effective, Outcome::Deny);
}

#[test]
fn what_the_holder_could_before_is_the_same_with_the_role() {
    let (policy, view) = &*DEMO;
    let (bare, held) = (
        snapshot(policy, view, &[], &[]),
        snapshot(policy, view, &[], &[role()]),
    );
    for (what, on) in [
        ("deploy", "service search-prod"),
        ("read", "database ledger-db"),
        ("read", "database warehouse"),
        ("deploy", "service payments-prod"),
    ] {
        let asked = input("person yuki.mori", what, on);
        assert_eq!(
            ask(&bare, &asked).matches,
            ask(&held, &asked).matches,
            "{what} {on}"
        );
    }
}

/// A `to_manual` on the membership itself, begun at an instant.
fn hold_on_the_role(began: Instant) -> OptOut {
    let (policy, view) = &*DEMO;
    let hold = opt_out(7, Direction::ToManual, bypass_scope("role incident-admin", &[]));
    approved(
        OptOut {
            approved_at: Some(began),
            ..hold
        },
        policy,
        view,
    )
}

#[test]
fn role_does_not_count_where_its_membership_was_taken_out_of_the_automation_after_its_approval() {
    let (policy, view) = &*DEMO;
    let admin = input("person yuki.mori", "admin", "service edge-gw");
    let grant = role();
    for (began, counts) in [
        (grant.approved_at - chrono::TimeDelta::seconds(1), true),
        (grant.approved_at, false),
        (grant.approved_at + chrono::TimeDelta::seconds(1), false),
    ] {
        let held = snapshot(
            policy,
            view,
            &[hold_on_the_role(began)],
            std::slice::from_ref(&grant),
        );
        let found = ask(&held, &admin);
        let expected = if counts { Outcome::Automate } else { Outcome::Deny };
        assert_eq!(found.effective, expected, "{began}: {:#?}", found.matches);
        assert_eq!(
            found.considered.len(),
            1,
            "it replays only with what was looked at"
        );
    }
}

#[test]
fn role_does_not_count_once_its_membership_is_of_a_stricter_tier_than_it_was_approved_under() {
    let (policy, view) = &*DEMO;
    let admin = input("person yuki.mori", "admin", "service edge-gw");
    for (tier, counts) in [
        ("high", true),
        ("critical", true),
        ("standard", false),
        ("low", false),
        ("gone", false),
    ] {
        let grant = Grant {
            tier: tier.parse().unwrap(),
            ..role()
        };
        let found = ask(&snapshot(policy, view, &[], &[grant]), &admin);
        let expected = if counts { Outcome::Automate } else { Outcome::Deny };
        assert_eq!(found.effective, expected, "{tier}");
    }
}
