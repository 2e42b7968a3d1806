//! Local times and instants.

use super::Zone;
use crate::window::Instant;
use chrono::{MappedLocalTime, NaiveDateTime, TimeZone as _};
use chrono_tz::{GapInfo, Tz};

/// What a local time is in instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalTime {
    /// Clocks show it once.
    Once(Instant),
    /// Clocks are put back over it, and show it twice.
    Twice {
        /// The first time.
        first: Instant,
        /// The last time.
        last: Instant,
    },
    /// Clocks are put forward over it, and never show it.
    Skipped {
        /// The first instant after the gap.
        after: Instant,
    },
}

impl LocalTime {
    /// The first instant at which clocks show it, or have passed it.
    pub const fn first(self) -> Instant {
        match self {
            Self::Once(at) | Self::Twice { first: at, .. } | Self::Skipped { after: at } => at,
        }
    }

    /// The last instant at which clocks show it, or the first at which they have passed it.
    pub const fn last(self) -> Instant {
        match self {
            Self::Once(at) | Self::Twice { last: at, .. } | Self::Skipped { after: at } => at,
        }
    }
}

impl Zone {
    /// What clocks there show.
    pub fn shows(&self, at: Instant) -> NaiveDateTime {
        self.known()
            .map_or(at.naive_utc(), |zone| at.with_timezone(&zone).naive_local())
    }

    /// When clocks there show this. None at the ends of all time, where no database reaches.
    pub fn instants_of(&self, local: NaiveDateTime) -> Option<LocalTime> {
        let zone = self.known()?;
        match zone.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => Some(LocalTime::Once(at.to_utc())),
            MappedLocalTime::Ambiguous(one, other) => Some(LocalTime::Twice {
                first: one.min(other).to_utc(),
                last: one.max(other).to_utc(),
            }),
            MappedLocalTime::None => {
                let after = GapInfo::new(&local, &zone)?.end?.to_utc();
                Some(LocalTime::Skipped { after })
            }
        }
    }

    /// Always there: what the database does not know is no [`Zone`].
    fn known(&self) -> Option<Tz> {
        self.0.parse().ok()
    }
}
