//! The hours of the week in which an opt-out applies, where it does not all the time: "Sat 22:00–Sun 06:00 Europe/Berlin".
//!
//! They stand beside its window, which every opt-out has: it applies where both contain the instant. Each day that is
//! named begins one span: half-open, and over midnight where it ends at or before the time at which it began.
//!
//! Clocks are put forward and back, and people mean what clocks show. So the rule is this: **a `bypass` applies only
//! while clocks there show a time within the hours, a `to_manual` applies at least then.** Neither direction is ever laxer
//! than what was meant:
//!
//! | A local time that | begins a `bypass` | ends a `bypass` | begins a `to_manual` | ends a `to_manual` |
//! | --- | --- | --- | --- | --- |
//! | does not exist (spring) | first instant after the gap | the same | the same | the same |
//! | exists twice (autumn) | the last time | the first time after its beginning | the first time | the last time |
//!
//! A bypass from 02:30 that began at the first of two would, once clocks are put back from 03:00 to 02:00, apply while they
//! show 02:10. A span that clocks skip whole is none.

mod day;
mod words;

#[cfg(feature = "zones")]
mod spans;

pub use day::Day;

use crate::time_of_day::TimeOfDay;
use crate::zone::Zone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Minutes of a day.
const DAY: u32 = 24 * 60;

/// Hours that come again each week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RecurrenceParts")]
pub struct Recurrence {
    days: BTreeSet<Day>,
    from: TimeOfDay,
    until: TimeOfDay,
    zone: Zone,
}

/// Why hours are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// No day.
    #[error("choose the days on which the hours begin")]
    NoDay,
    /// Every hour of the week.
    #[error("these hours are all the week: leave them out")]
    Always,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecurrenceParts {
    days: BTreeSet<Day>,
    from: TimeOfDay,
    until: TimeOfDay,
    zone: Zone,
}

impl TryFrom<RecurrenceParts> for Recurrence {
    type Error = RecurrenceError;
    fn try_from(parts: RecurrenceParts) -> Result<Self, RecurrenceError> {
        Self::new(parts.days, parts.from, parts.until, parts.zone)
    }
}

impl Recurrence {
    /// On each of these days from a time (in) until the next time that clocks show the other (out): on the day after, where
    /// that is not later in the day. The same time twice is a whole day.
    pub fn new(
        days: BTreeSet<Day>,
        from: TimeOfDay,
        until: TimeOfDay,
        zone: Zone,
    ) -> Result<Self, RecurrenceError> {
        if days.is_empty() {
            Err(RecurrenceError::NoDay)
        } else if days.len() == Day::ALL.len() && from == until {
            Err(RecurrenceError::Always)
        } else {
            Ok(Self {
                days,
                from,
                until,
                zone,
            })
        }
    }

    /// The days on which a span begins.
    pub const fn days(&self) -> &BTreeSet<Day> {
        &self.days
    }

    /// When it begins.
    pub const fn from(&self) -> TimeOfDay {
        self.from
    }

    /// When it ends.
    pub const fn until(&self) -> TimeOfDay {
        self.until
    }

    /// Whose clocks are meant.
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether a span ends on the day after it began.
    const fn is_over_midnight(&self) -> bool {
        self.until.minute() <= self.from.minute()
    }

    /// How many minutes of a week it applies, in a week without a change of clocks.
    pub fn minutes_a_week(&self) -> u32 {
        let (from, until) = (u32::from(self.from.minute()), u32::from(self.until.minute()));
        let each = if self.is_over_midnight() {
            DAY - from + until
        } else {
            until - from
        };
        let days = u32::try_from(self.days.len()).unwrap_or(0);
        each.saturating_mul(days)
    }
}
