//! Half-open intervals of time: the first instant is in, the last is not.

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};

/// An instant at the database's precision.
pub type Instant = DateTime<Utc>;

/// Cuts an instant to microseconds, which is what Postgres keeps; without it a value changes on its first round trip.
pub fn to_micros(at: Instant) -> Instant {
    at.trunc_subsecs(6)
}

/// Why two instants are not a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the end must be after the start")]
pub struct WindowError;

/// From `starts_at` (in) to `ends_at` (out). There is no window without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WindowParts")]
pub struct Window {
    starts_at: Instant,
    ends_at: Instant,
}

#[derive(Deserialize)]
struct WindowParts {
    starts_at: Instant,
    ends_at: Instant,
}

impl TryFrom<WindowParts> for Window {
    type Error = WindowError;
    fn try_from(parts: WindowParts) -> Result<Self, WindowError> {
        Self::new(parts.starts_at, parts.ends_at)
    }
}

/// Where an instant lies beside a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before `starts_at`.
    Before,
    /// At or after `starts_at` and before `ends_at`.
    Within,
    /// At or after `ends_at`.
    After,
}

impl Window {
    /// Both instants are cut to microseconds. Errors when the end is not after the start.
    pub fn new(starts_at: Instant, ends_at: Instant) -> Result<Self, WindowError> {
        let (starts_at, ends_at) = (to_micros(starts_at), to_micros(ends_at));
        if ends_at > starts_at {
            Ok(Self { starts_at, ends_at })
        } else {
            Err(WindowError)
        }
    }

    /// The first instant that is in.
    pub const fn starts_at(&self) -> Instant {
        self.starts_at
    }

    /// The first instant that is out again.
    pub const fn ends_at(&self) -> Instant {
        self.ends_at
    }

    /// Where `at` lies.
    pub fn phase(&self, at: Instant) -> Phase {
        if at < self.starts_at {
            Phase::Before
        } else if at < self.ends_at {
            Phase::Within
        } else {
            Phase::After
        }
    }

    /// Whether `at` is in.
    pub fn contains(&self, at: Instant) -> bool {
        self.phase(at) == Phase::Within
    }

    /// Whole seconds from start to end, rounded down.
    pub fn length_secs(&self) -> i64 {
        (self.ends_at - self.starts_at).num_seconds()
    }

    /// Whether `inner` begins no earlier and ends no later.
    pub fn encloses(&self, inner: &Window) -> bool {
        self.starts_at <= inner.starts_at && inner.ends_at <= self.ends_at
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(micros: i64) -> Instant {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    proptest! {
        #[test]
        fn adjacent_windows_share_no_instant(start in 0i64..1_000, first in 1i64..1_000, second in 1i64..1_000, probe in 0i64..4_000) {
            let one = Window::new(at(start), at(start + first)).unwrap();
            let two = Window::new(at(start + first), at(start + first + second)).unwrap();
            prop_assert!(!(one.contains(at(probe)) && two.contains(at(probe))));
            let inside = probe >= start && probe < start + first + second;
            prop_assert_eq!(one.contains(at(probe)) || two.contains(at(probe)), inside);
        }
    }

    #[test]
    fn an_empty_or_backward_window_does_not_exist() {
        assert_eq!(Window::new(at(5), at(5)), Err(WindowError));
        assert_eq!(Window::new(at(6), at(5)), Err(WindowError));
        let sub_micro = at(5) + chrono::TimeDelta::nanoseconds(900);
        assert_eq!(Window::new(at(5), sub_micro), Err(WindowError));
    }
}
