//! A time that clocks show: `22:00`.

use serde::{Deserialize, Serialize};

/// A minute of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

/// Not a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written as 22:00")]
pub struct TimeOfDayError;

impl TimeOfDay {
    /// From minutes after midnight, below 1440.
    pub const fn new(minute: u16) -> Result<Self, TimeOfDayError> {
        if minute < 24 * 60 {
            Ok(Self(minute))
        } else {
            Err(TimeOfDayError)
        }
    }

    /// Minutes after midnight.
    pub const fn minute(self) -> u16 {
        self.0
    }
}

impl std::str::FromStr for TimeOfDay {
    type Err = TimeOfDayError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hours, minutes) = text.trim().split_once(':').ok_or(TimeOfDayError)?;
        match (hours.parse::<u16>(), minutes.parse::<u16>()) {
            (Ok(hours), Ok(minutes)) if hours < 24 && minutes < 60 => Ok(Self(hours * 60 + minutes)),
            (Ok(_) | Err(_), Ok(_) | Err(_)) => Err(TimeOfDayError),
        }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = TimeOfDayError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
