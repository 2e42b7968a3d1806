//! When a grant turns a review into a yes.

use crate::demo::DEMO;
use crate::support::*;
use chrono::TimeDelta;
use domain::decision::{Input, Reason};
use domain::grant::{EarlyEnd, Ended, Grant};
use domain::name::TierName;
use domain::opt_out::{Direction, OptOut};
use domain::outcome::Outcome;
use domain::window::{Instant, Window};
use policy::{Without, evaluate};
use serde_json::json;

fn deploy() -> Input {
    input("workload ci/payments", "deploy", "service payments-prod")
}

fn granted() -> Grant {
    let (policy, view) = &*DEMO;
    grant(7, &deploy(), &ask(&snapshot(policy, view, &[], &[]), &deploy()))
}

fn answer(input: &Input, grants: &[Grant], opt_outs: &[OptOut], now: Instant) -> bool {
    let (policy, view) = &*DEMO;
    evaluate(
        &snapshot(policy, view, opt_outs, grants),
        input,
        now,
        &Without::nothing(),
    )
    .answer
}

#[test]
fn a_grant_counts_from_its_start_until_its_end() {
    let micro = TimeDelta::microseconds(1);
    let window = around();
    for (now, expected) in [
        (window.starts_at() - micro, false),
        (window.starts_at(), true),
        (window.ends_at() - micro, true),
        (window.ends_at(), false),
    ] {
        assert_eq!(answer(&deploy(), &[granted()], &[], now), expected, "{now}");
    }
    let (policy, view) = &*DEMO;
    let found = ask(&snapshot(policy, view, &[], &[granted()]), &deploy());
    assert_eq!(
        (found.grant, found.grant_ends_at),
        (Some(grant_id(7)), Some(window.ends_at()))
    );
    assert_eq!(
        (found.base, found.effective, found.reason),
        (Outcome::Review, Outcome::Review, Reason::Granted)
    );
}

#[test]
fn an_ended_grant_does_not_count() {
    for how in [EarlyEnd::Revoked, EarlyEnd::Relinquished] {
        let mut ended = granted();
        ended.ended = Some(Ended { at: tuesday(), how });
        assert!(!answer(&deploy(), &[ended.clone()], &[], tuesday()));
        assert!(answer(
            &deploy(),
            &[ended],
            &[],
            tuesday() - TimeDelta::microseconds(1)
        ));
    }
}

#[test]
fn it_counts_for_what_was_approved_and_for_nothing_else() {
    let other = input("workload ci/payments", "read", "service payments-prod");
    assert!(!answer(&other, &[granted()], &[], tuesday()));
    let other = input("person tom.becker", "deploy", "service payments-prod");
    assert!(!answer(&other, &[granted()], &[], tuesday()));
}

#[test]
fn the_tiers_binding_context_binds_it() {
    let (policy, view) = &*DEMO;
    let mut bound = deploy();
    bound.evidence.insert("commit".to_owned(), json!("9a41c0e"));
    let given = grant(8, &bound, &ask(&snapshot(policy, view, &[], &[]), &bound));
    assert!(answer(&bound, std::slice::from_ref(&given), &[], tuesday()));
    assert!(
        !answer(&deploy(), std::slice::from_ref(&given), &[], tuesday()),
        "no commit is another commit"
    );
    bound.evidence.insert("commit".to_owned(), json!("0000000"));
    assert!(!answer(&bound, std::slice::from_ref(&given), &[], tuesday()));
    bound.evidence.insert("commit".to_owned(), json!("9a41c0e"));
    bound.evidence.insert("run".to_owned(), json!(48_213));
    assert!(answer(&bound, &[given], &[], tuesday()), "other keys do not bind");
}

#[test]
fn where_one_is_named_only_that_one_counts() {
    let mut named = deploy();
    named.approval = Some(grant_id(7).to_string());
    assert!(answer(&named, &[granted()], &[], tuesday()));
    for text in [grant_id(8).to_string(), "nonsense".to_owned(), String::new()] {
        named.approval = Some(text);
        assert!(!answer(&named, &[granted()], &[], tuesday()));
    }
}

#[test]
fn it_must_have_been_approved_under_a_tier_no_laxer() {
    for (tier, expected) in [
        ("low", false),
        ("standard", false),
        ("high", false),
        ("critical", true),
        ("gone", false),
    ] {
        let mut given = granted();
        given.tier = TierName::new(tier).unwrap();
        assert_eq!(answer(&deploy(), &[given], &[], tuesday()), expected, "{tier}");
    }
}

#[test]
fn it_must_have_been_approved_after_every_applying_to_manual_began() {
    let (policy, view) = &*DEMO;
    let hold = |number, began: Instant| {
        let mut hold = approved(
            opt_out(number, Direction::ToManual, who_scope("workload ci/payments")),
            policy,
            view,
        );
        hold.window = Window::new(began, around().ends_at()).unwrap();
        hold.approved_at = Some(began);
        hold
    };
    let approved_at = granted().approved_at;
    let micro = TimeDelta::microseconds(1);
    assert!(answer(
        &deploy(),
        &[granted()],
        &[hold(1, approved_at - micro)],
        tuesday()
    ));
    assert!(!answer(
        &deploy(),
        &[granted()],
        &[hold(1, approved_at)],
        tuesday()
    ));
    assert!(!answer(
        &deploy(),
        &[granted()],
        &[hold(1, approved_at + micro)],
        tuesday()
    ));
    let both = [hold(1, approved_at - micro), hold(2, approved_at + micro)];
    assert!(!answer(&deploy(), &[granted()], &both, tuesday()));
    let mut late = hold(1, approved_at - micro);
    late.approved_at = Some(approved_at + micro);
    assert!(
        !answer(&deploy(), &[granted()], &[late], tuesday()),
        "approved after its start it began only then"
    );
}

#[test]
fn a_broken_glass_gives_way_to_a_to_manual_that_began_before_it_too() {
    let (policy, view) = &*DEMO;
    let mut hold = approved(
        opt_out(1, Direction::ToManual, who_scope("person jonas.weber")),
        policy,
        view,
    );
    let began = broken().approved_at - TimeDelta::minutes(1);
    hold.window = Window::new(began, around().ends_at()).unwrap();
    hold.approved_at = Some(began);
    let whoever_approved_it_knew = Grant {
        break_glass: false,
        ..broken()
    };
    let holds = [hold];
    assert!(answer(
        &administer(),
        &[whoever_approved_it_knew],
        &holds,
        tuesday()
    ));
    assert!(!answer(&administer(), &[broken()], &holds, tuesday()));
}

#[test]
fn it_never_turns_a_deny() {
    let (policy, view) = &*DEMO;
    let mut export = input("person alice.meyer", "read", "database ledger-db");
    export.asserted.insert("rows".to_owned(), json!(20_000));
    let found = ask(&snapshot(policy, view, &[], &[]), &export);
    assert_eq!(found.effective, Outcome::Deny);
    assert!(!answer(&export, &[grant(9, &export, &found)], &[], tuesday()));
}

#[test]
fn of_several_the_one_that_ends_last_is_named() {
    let (policy, view) = &*DEMO;
    let mut longer = granted();
    longer.id = grant_id(6);
    longer.window = Window::new(around().starts_at(), around().ends_at() + TimeDelta::hours(1)).unwrap();
    let held = snapshot(policy, view, &[], &[granted(), longer]);
    assert_eq!(ask(&held, &deploy()).grant, Some(grant_id(6)));
}

/// Administering in an incident: a marked rule asks for a person.
fn administer() -> Input {
    input("person jonas.weber", "admin", "service payments-prod")
}

fn broken() -> Grant {
    let (policy, view) = &*DEMO;
    let denied = ask(&snapshot(policy, view, &[], &[]), &administer());
    Grant {
        break_glass: true,
        ..grant(7, &administer(), &denied)
    }
}

#[test]
fn a_broken_glass_opens_what_a_marked_rule_keeps() {
    assert!(!answer(&administer(), &[], &[], tuesday()));
    assert!(answer(&administer(), &[broken()], &[], tuesday()));
    // The rule that keeps this is not marked.
    let unmarked = Grant {
        break_glass: true,
        ..granted()
    };
    assert!(!answer(&deploy(), &[unmarked], &[], tuesday()));
}

#[test]
fn a_broken_glass_opens_nothing_that_the_same_tuple_meets_with_another_context() {
    let mut elsewhere = administer();
    elsewhere.asserted.insert("network".to_owned(), json!("airport"));
    let approved = Grant {
        break_glass: false,
        ..broken()
    };
    assert!(
        answer(&elsewhere, &[approved], &[], tuesday()),
        "the network binds nothing, so who approved it answers for it"
    );
    assert!(!answer(&elsewhere, &[broken()], &[], tuesday()));
}
