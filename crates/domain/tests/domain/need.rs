//! A bypass that changes nothing is asked about after 14 days or 50 decisions, can be kept once, and else closes.

use crate::generate::at;
use crate::opt_out::opt_out;
use chrono::TimeDelta;
use domain::decision::UseEffect;
use domain::name::PersonId;
use domain::opt_out::{
    ANSWER_DAYS, Direction, Kept, LOOKED_AT, NEEDLESS_DAYS, Need, NeedError, OptOut, OptOutState, Reading,
    Seen, SuspensionCause, is_needless, is_useful_again,
};
use domain::window::{Instant, Window};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn day(days: i64) -> Instant {
    at(0) + TimeDelta::days(days)
}

fn hour(hours: i64) -> Instant {
    at(0) + TimeDelta::hours(hours)
}

/// In force for 90 days from day nought on.
fn standing(direction: Direction) -> OptOut {
    OptOut {
        window: Window::new(day(0), day(90)).unwrap(),
        ..opt_out(direction, OptOutState::Active)
    }
}

fn alice() -> PersonId {
    PersonId::new("alice").unwrap()
}

fn newest_first(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.sort_by_key(|seen| std::cmp::Reverse(seen.at));
    seen
}

fn effect(changed: bool) -> UseEffect {
    if changed {
        UseEffect::Changed
    } else {
        UseEffect::None
    }
}

/// The rule as it is written, over all decisions that there were.
fn counted_out(all: &[Seen], begun: Instant, now: Instant) -> bool {
    let idle = now - TimeDelta::days(NEEDLESS_DAYS);
    let quiet = begun <= idle
        && !all
            .iter()
            .any(|seen| seen.effect != UseEffect::None && seen.at > idle && seen.at >= begun);
    let since = all.iter().filter(|seen| seen.at >= begun);
    let in_a_row = since
        .filter(|seen| seen.effect != UseEffect::Hidden)
        .take_while(|seen| seen.effect == UseEffect::None)
        .count();
    quiet || in_a_row >= LOOKED_AT
}

/// What the store reads of them.
fn newest(all: &[Seen]) -> Vec<Seen> {
    let (hidden, seen): (Vec<Seen>, Vec<Seen>) = all
        .iter()
        .copied()
        .partition(|seen| seen.effect == UseEffect::Hidden);
    let seen = seen.into_iter().take(LOOKED_AT);
    newest_first(seen.chain(hidden.into_iter().take(1)).collect())
}

proptest! {
    /// The newest 50 say as much as all of them.
    #[test]
    fn fifty_say_as_much_as_all(
        hours in vec((0i64..500, prop::bool::weighted(0.02), prop::bool::weighted(0.02)), 0..120),
        kept in option::of(0i64..500), approved in option::of(0i64..500), now in 0i64..600,
    ) {
        let all = newest_first(hours.into_iter().filter(|(at, _, _)| *at <= now)
            .map(|(at, changed, hidden)| Seen {
                at: hour(at),
                effect: if hidden { UseEffect::Hidden } else { effect(changed) },
            }).collect());
        let kept = kept.filter(|at| *at <= now);
        let approved = approved.filter(|at| *at <= now);
        let bypass = OptOut {
            approved_at: approved.map(hour),
            need: Need {
                asked: None,
                kept: kept.map(|at| Kept { at: hour(at), by: alice(), reason: "So.".to_owned() }),
            },
            ..standing(Direction::Bypass)
        };
        let begun = hour(kept.unwrap_or(0).max(approved.unwrap_or(0)));
        prop_assert_eq!(is_needless(&bypass, 0, &newest(&all), hour(now)), counted_out(&all, begun, hour(now)));
    }

    /// Whatever it did or did not do.
    #[test]
    fn a_to_manual_is_never_needless(changed in vec(any::<bool>(), 0..60), now in 0i64..90) {
        let seen: Vec<Seen> = changed.into_iter().map(|changed| Seen { at: day(0), effect: effect(changed) }).collect();
        let to_manual = standing(Direction::ToManual);
        prop_assert!(!is_needless(&to_manual, 0, &seen, day(now)));
        prop_assert_eq!(to_manual.clone().ask_whether_needed(day(now), 0), Err(NeedError::ToManual));
        prop_assert_eq!(to_manual.keep(alice(), "So.", day(now), 0), Err(NeedError::ToManual));
    }

    /// Asked, it closes after seven days to the microsecond, unless it is kept or ends before.
    #[test]
    fn unanswered_it_closes_after_seven_days(found in 0i64..90, later in 0i64..100, kept in any::<bool>()) {
        let asked = standing(Direction::Bypass).ask_whether_needed(day(found), 0).unwrap();
        let row = if kept { asked.clone().keep(alice(), "Each Friday.", day(found), 0).unwrap() } else { asked.clone() };
        let closes = found + ANSWER_DAYS;
        let expected = if !kept && closes < 90 && later >= closes {
            OptOutState::ClosedEarly
        } else if later >= 90 {
            OptOutState::Expired
        } else {
            OptOutState::Active
        };
        prop_assert_eq!(row.state_at(day(later), 0), expected);
        let micro = TimeDelta::microseconds(1);
        prop_assert!(asked.in_force(day(closes.min(90)) - micro, 0));
        prop_assert!(!asked.in_force(day(closes.min(90)), 0));
    }
}

#[test]
fn the_fiftieth_decision_in_a_row_asks_and_the_forty_ninth_does_not() {
    let bypass = standing(Direction::Bypass);
    let same = |count: usize| {
        vec![
            Seen {
                at: hour(2),
                effect: UseEffect::None
            };
            count
        ]
    };
    assert!(!is_needless(&bypass, 0, &same(LOOKED_AT - 1), hour(3)));
    assert!(is_needless(&bypass, 0, &same(LOOKED_AT), hour(3)));
    let mut one_changed = same(LOOKED_AT);
    one_changed[LOOKED_AT - 1].effect = UseEffect::Changed;
    assert!(!is_needless(&bypass, 0, &one_changed, hour(3)));
}

#[test]
fn fourteen_days_are_counted_from_the_last_change_and_from_what_was_said() {
    let bypass = standing(Direction::Bypass);
    assert!(!is_needless(
        &bypass,
        0,
        &[],
        day(14) - TimeDelta::microseconds(1)
    ));
    assert!(is_needless(&bypass, 0, &[], day(14)));
    let changed = [Seen {
        at: day(5),
        effect: UseEffect::Changed,
    }];
    assert!(!is_needless(&bypass, 0, &changed, day(18)));
    assert!(is_needless(&bypass, 0, &changed, day(19)));
    let asked = bypass.ask_whether_needed(day(14), 0).unwrap();
    assert!(!is_needless(&asked, 0, &[], day(15)), "it is asked about already");
    let kept = asked
        .keep(alice(), "The quarter ends on Friday.", day(16), 0)
        .unwrap();
    assert!(!is_needless(&kept, 0, &[], day(29)));
    assert!(is_needless(&kept, 0, &[], day(30)));
}

#[test]
fn it_is_kept_once_for_a_reason() {
    let asked = standing(Direction::Bypass)
        .ask_whether_needed(day(14), 0)
        .unwrap();
    let keep = |row: &OptOut, reason: &str, now| row.clone().keep(alice(), reason, day(now), 0);
    assert_eq!(keep(&asked, " \u{200b} ", 15), Err(NeedError::NoReason));
    assert_eq!(keep(&asked, &"x".repeat(2_001), 15), Err(NeedError::LongReason));
    assert_eq!(
        keep(&asked, "So.", 21),
        Err(NeedError::State(OptOutState::ClosedEarly))
    );
    let kept = keep(&asked, "So.", 15).unwrap();
    assert_eq!(kept.revision, asked.revision + 1);
    assert_eq!(keep(&kept, "So.", 16), Err(NeedError::NotAsked));
    let again = kept.ask_whether_needed(day(29), 0).unwrap();
    assert_eq!(keep(&again, "So.", 30), Err(NeedError::KeptBefore));
}

#[test]
fn what_changed_an_outcome_since_is_useful_again() {
    let asked = standing(Direction::Bypass)
        .ask_whether_needed(day(14), 0)
        .unwrap();
    let seen = |at, changed| {
        [Seen {
            at: day(at),
            effect: effect(changed),
        }]
    };
    assert!(is_useful_again(&asked, &seen(14, true)));
    assert!(!is_useful_again(&asked, &seen(13, true)));
    assert!(!is_useful_again(&asked, &seen(15, false)));
    let useful = asked.ask_no_more(day(15), 0).unwrap();
    assert_eq!(useful.closes_at(), None);
    assert!(!is_useful_again(&useful, &seen(15, true)));
}

/// Its approvers have just agreed that it is needed, and nobody could say anything of it while it was out of force.
#[test]
fn suspension_ends_the_question_and_a_fresh_approval_begins_the_clock_anew() {
    let fell = SuspensionCause::PremiseFell {
        reading: Reading::Incident { open: Some(false) },
    };
    let asked = standing(Direction::Bypass)
        .ask_whether_needed(day(14), 0)
        .unwrap();
    let suspended = asked.suspend(fell, day(15), 0).unwrap();
    assert_eq!((suspended.need.asked, suspended.closes_at()), (None, None));
    assert_eq!(suspended.state_at(day(80), 0), OptOutState::Suspended);
    // A row from before the question ended with it.
    let mut old = suspended.clone();
    old.need.asked = standing(Direction::Bypass)
        .ask_whether_needed(day(14), 0)
        .unwrap()
        .need
        .asked;
    assert_eq!(old.closes_at(), None);
    assert_eq!(old.state_at(day(80), 0), OptOutState::Suspended);
    let mut back = OptOut {
        state: OptOutState::Active,
        approved_at: Some(day(40)),
        ..old
    };
    back.answered_again(true);
    assert_eq!(back.state_at(day(53), 0), OptOutState::Active);
    assert!(!is_needless(&back, 0, &[], day(54) - TimeDelta::microseconds(1)));
    assert!(is_needless(&back, 0, &[], day(54)));
    let of_before = vec![
        Seen {
            at: day(39),
            effect: UseEffect::None
        };
        LOOKED_AT
    ];
    assert!(!is_needless(&back, 0, &of_before, day(41)));
}

/// A `to_manual` asked for a person anyway: that says nothing of the bypass.
#[test]
fn what_was_hidden_counts_for_nothing() {
    let bypass = standing(Direction::Bypass);
    let hidden = |at| Seen {
        at: hour(at),
        effect: UseEffect::Hidden,
    };
    assert!(!is_needless(&bypass, 0, &[hidden(3); 60], hour(4)));
    assert!(!is_needless(&bypass, 0, &[hidden(24 * 13)], day(14)));
    assert!(is_needless(&bypass, 0, &[hidden(24)], day(15)));
    let mut fifty = vec![
        Seen {
            at: hour(2),
            effect: UseEffect::None
        };
        LOOKED_AT
    ];
    fifty.insert(0, hidden(3));
    assert!(is_needless(&bypass, 0, &fifty, hour(4)), "it breaks no row");
}
