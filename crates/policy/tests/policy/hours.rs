//! Opt-outs with hours of the week: when they apply, and from when a grant must be.

use crate::demo::DEMO;
use crate::support::*;
use chrono::TimeDelta;
use domain::decision::Input;
use domain::opt_out::{Day, Direction, OptOut, Recurrence};
use domain::outcome::Outcome::{Automate, Review};
use domain::window::{Instant, Window};
use policy::{Recorded, Without, evaluate, impact};
use std::sync::Arc;

fn deploy() -> Input {
    input("workload ci/payments", "deploy", "service payments-prod")
}

/// Tuesdays, half an hour around the tests' present, over two weeks around it.
fn recurring(direction: Direction) -> OptOut {
    let (policy, view) = &*DEMO;
    let scope = match direction {
        Direction::Bypass => bypass_scope("service payments-prod", &["no-unattended-prod-deploy"]),
        Direction::ToManual => who_scope("workload ci/payments"),
    };
    let mut opt_out = approved(opt_out(1, direction, scope), policy, view);
    let fortnight = TimeDelta::days(14);
    opt_out.window = Window::new(tuesday() - fortnight, tuesday() + fortnight).unwrap();
    opt_out.approved_at = Some(tuesday() - fortnight);
    let (from, until) = ("10:45".parse().unwrap(), "11:15".parse().unwrap());
    let berlin = "Europe/Berlin".parse().unwrap();
    opt_out.recurrence = Some(Recurrence::new([Day::Tue].into(), from, until, berlin).unwrap());
    opt_out
}

#[test]
fn it_applies_in_its_hours_and_is_not_looked_at_outside_them() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[recurring(Direction::Bypass)], &[]);
    let (quarter, micro) = (TimeDelta::minutes(15), TimeDelta::microseconds(1));
    for week in [-1, 0, 1] {
        let begun = tuesday() + TimeDelta::weeks(week);
        for (now, expected) in [
            (begun - quarter - micro, Review),
            (begun - quarter, Automate),
            (begun + quarter - micro, Automate),
            (begun + quarter, Review),
            (begun + TimeDelta::days(1), Review),
        ] {
            let found = evaluate(&held, &deploy(), now, &Without::nothing());
            assert_eq!(found.effective, expected, "{now}");
            assert_eq!(found.considered.len(), usize::from(expected == Automate), "{now}");
        }
    }
}

#[test]
fn a_grant_from_before_its_hours_does_not_count_within_them() {
    let (policy, view) = &*DEMO;
    let hold = recurring(Direction::ToManual);
    let bare = snapshot(policy, view, &[], &[]);
    let answer = |approved_at: Instant, now: Instant| {
        let mut granted = grant(7, &deploy(), &ask(&bare, &deploy()));
        granted.approved_at = approved_at;
        granted.window = Window::new(approved_at, tuesday() + TimeDelta::hours(8)).unwrap();
        let held = snapshot(policy, view, std::slice::from_ref(&hold), &[granted]);
        evaluate(&held, &deploy(), now, &Without::nothing()).answer
    };
    let begun = tuesday() - TimeDelta::minutes(15);
    let (hour, micro) = (TimeDelta::hours(1), TimeDelta::microseconds(1));
    assert!(
        !answer(begun - hour, tuesday()),
        "who approved it did not look at it in these hours"
    );
    assert!(!answer(begun, tuesday()));
    assert!(answer(begun + micro, tuesday()));
    assert!(answer(begun - hour, begun - micro), "before them");
    assert!(answer(begun - hour, tuesday() + hour), "and after them");
}

#[test]
fn the_preview_leaves_out_what_falls_between_its_hours() {
    let (policy, view) = &*DEMO;
    let recorded: Vec<Recorded> = [TimeDelta::zero(), TimeDelta::hours(1), TimeDelta::weeks(-1)]
        .map(|later| Recorded {
            input: deploy(),
            at: tuesday() + later,
        })
        .into();
    let supposed = Arc::new(recurring(Direction::Bypass));
    let found = impact(&snapshot(policy, view, &[], &[]), &recorded, &supposed, |_| true);
    assert_eq!((found.tried, found.covered), (3, 2));
}
