//! When an opt-out applies, in the zone in which it was asked for. Written on the server: the browser knows no zones.

use domain::window::Instant;
use serde::{Deserialize, Serialize};

/// The times of a window that were typed in a zone, each with its UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleView {
    /// "Sat 28 Nov 2026 22:00 Europe/Berlin (21:00 UTC)".
    pub from: String,
    /// Likewise.
    pub until: String,
}

/// The hours of the week in which it applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursView {
    /// "Sat 22:00–Sun 06:00 Europe/Berlin".
    pub words: String,
    /// How many minutes of a week that are.
    pub minutes_a_week: u32,
    /// The zone's name.
    pub zone: String,
    /// Where the present is among them.
    pub stand: HoursStand,
}

/// Where an instant is among the hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursStand {
    /// Within them.
    Within {
        /// Until when.
        until: Instant,
        /// What clocks there show then: "06:00", "Sun 06:00".
        there: String,
    },
    /// Between them.
    Next {
        /// When the next begin.
        from: Instant,
        /// What clocks there show then.
        there: String,
    },
    /// None begin before it ends.
    Over,
}
