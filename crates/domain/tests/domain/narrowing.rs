//! A shortened length runs from when it can begin, and never beyond the end that was asked for.

use crate::generate::at;
use crate::opt_out::opt_out;
use chrono::TimeDelta;
use domain::opt_out::{Direction, Narrowing, NarrowingError, OptOut, OptOutState};
use domain::window::{Instant, Window};
use proptest::prelude::*;

fn secs(secs: i64) -> Instant {
    at(secs * 1_000_000)
}

fn asked(starts: i64, ends: i64) -> OptOut {
    OptOut {
        window: Window::new(secs(starts), secs(ends)).unwrap(),
        ..opt_out(Direction::Bypass, OptOutState::Requested)
    }
}

fn to(length: i64) -> Narrowing {
    Narrowing {
        length_secs: Some(length),
        ..Narrowing::default()
    }
}

proptest! {
    #[test]
    fn it_is_never_longer_never_over_already_and_never_ends_later(
        starts in 0i64..1_000, asked_secs in 1i64..1_000, now in 0i64..3_000, length in -10i64..2_000,
    ) {
        let before = asked(starts, starts + asked_secs);
        match before.clone().narrow(to(length), Some(secs(now))) {
            Ok(after) => {
                prop_assert!(after.window.ends_at() <= before.window.ends_at());
                prop_assert!(after.window.ends_at() > secs(now));
                let left = after.window.ends_at() - secs(now).max(secs(starts));
                prop_assert!(left <= TimeDelta::seconds(length));
            }
            Err(error) => {
                prop_assert_eq!(error, NarrowingError::Length);
                prop_assert!(length <= 0 || length > asked_secs || now >= starts + asked_secs);
            }
        }
    }
}

#[test]
fn asked_on_monday_until_friday_two_hours_on_wednesday_are_on_wednesday() {
    let day = 86_400;
    let asked = asked(0, 4 * day);
    let narrowed = asked.clone().narrow(to(7_200), Some(secs(2 * day))).unwrap();
    assert_eq!(narrowed.window.ends_at(), secs(2 * day + 7_200));
    // What is left is less than that.
    let late = asked.clone().narrow(to(day), Some(secs(4 * day - 60))).unwrap();
    assert_eq!(late.window.ends_at(), secs(4 * day));
    assert!(asked.clone().narrow(to(60), Some(secs(4 * day))).is_err());
    // Only a length was asked for: its window carries it.
    assert_eq!(asked.narrow(to(7_200), None).unwrap().window.length_secs(), 7_200);
}
