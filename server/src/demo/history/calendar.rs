//! When people and pipelines are at work, and a small generator of numbers that gives the same history each time.

use chrono::{Datelike, TimeDelta, Timelike, Weekday};
use domain::window::Instant;

/// A linear congruential generator (Knuth, MMIX): the history needs variety, not secrecy.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`; nought where that is nought.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).checked_rem(limit).unwrap_or(0)
    }

    /// One of these; the default where there are none.
    pub(super) fn one_of<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let place = usize::try_from(self.below(choices.len() as u64)).unwrap_or(0);
        choices.get(place).copied().unwrap_or_default()
    }
}

/// Midnight of the day that lies `days` before `until`.
pub(super) fn midnight(until: Instant, days: i64) -> Instant {
    let day = until - TimeDelta::days(days);
    day - TimeDelta::seconds(i64::from(day.num_seconds_from_midnight()))
        - TimeDelta::nanoseconds(i64::from(day.nanosecond()))
}

/// Whether people work on that day.
pub(super) fn is_workday(day: Instant) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// An instant during office hours, 07:00 to 18:00 UTC, to the second.
pub(super) fn office_hours(day: Instant, dice: &mut Dice) -> Instant {
    let seconds = 7 * 3_600 + dice.below(11 * 3_600);
    day + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0)) + spread(dice)
}

/// An instant at any time of a day.
pub(super) fn any_hour(day: Instant, dice: &mut Dice) -> Instant {
    day + TimeDelta::seconds(i64::try_from(dice.below(86_400)).unwrap_or(0)) + spread(dice)
}

/// Some microseconds, so that no two acts fall on the same instant.
fn spread(dice: &mut Dice) -> TimeDelta {
    TimeDelta::microseconds(i64::try_from(dice.below(1_000_000)).unwrap_or(0))
}
