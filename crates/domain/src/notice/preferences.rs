//! What one person wants to be told where, and when. The inbox on the pages gets everything, always.

use crate::time_of_day::TimeOfDay;
use serde::{Deserialize, Serialize};

/// How mail comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailChoice {
    /// Not at all, but for what is urgent.
    Off,
    /// One for each notice.
    Each,
    /// One a day with all of them.
    Daily,
}

impl MailChoice {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Each, Self::Daily, Self::Off];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Each => "each",
            Self::Daily => "daily",
        }
    }
}

impl std::str::FromStr for MailChoice {
    type Err = PreferenceError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|choice| choice.as_str() == text)
            .ok_or(PreferenceError::Mail)
    }
}

/// Why something is no preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PreferenceError {
    /// No choice of mail.
    #[error("choose one of the ways in which mail can come")]
    Mail,
    /// No time of day.
    #[error("a time of day is written as 22:00")]
    Time,
    /// An empty span.
    #[error("quiet hours begin and end at different times")]
    Empty,
    /// Nothing would ever be sent.
    #[error("the daily mail cannot come within quiet hours: choose a time before or after them")]
    DigestInQuietHours,
}

/// When nothing but what is urgent goes out: from one minute of the day to another, over midnight where the first is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    from: u16,
    until: u16,
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;

impl QuietHours {
    /// From `from` (in) to `until` (out), in minutes after midnight.
    pub fn new(from: u16, until: u16) -> Result<Self, PreferenceError> {
        if from >= DAY || until >= DAY {
            Err(PreferenceError::Time)
        } else if from == until {
            Err(PreferenceError::Empty)
        } else {
            Ok(Self { from, until })
        }
    }

    /// The first minute that is quiet.
    pub const fn from(&self) -> u16 {
        self.from
    }

    /// The first minute that is not.
    pub const fn until(&self) -> u16 {
        self.until
    }

    /// Whether a minute of the day is quiet.
    pub const fn contains(&self, minute: u16) -> bool {
        if self.from < self.until {
            self.from <= minute && minute < self.until
        } else {
            minute >= self.from || minute < self.until
        }
    }

    /// Reads a time of day: `22:00`.
    pub fn minute(text: &str) -> Result<u16, PreferenceError> {
        text.parse::<TimeOfDay>()
            .map(TimeOfDay::minute)
            .map_err(|_| PreferenceError::Time)
    }

    /// Writes a time of day.
    pub fn words(minute: u16) -> String {
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }
}

/// What one person has set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePreferences {
    /// How mail comes.
    pub mail: MailChoice,
    /// When the daily mail comes, in minutes after midnight.
    pub digest_minute: u16,
    /// When none comes.
    pub quiet: Option<QuietHours>,
    /// The IANA name of the zone that both are meant in.
    pub zone: String,
}

impl NoticePreferences {
    /// Whether what is set goes together.
    pub fn check(&self) -> Result<(), PreferenceError> {
        match (self.mail, self.quiet) {
            (MailChoice::Daily, Some(quiet)) if quiet.contains(self.digest_minute) => {
                Err(PreferenceError::DigestInQuietHours)
            }
            (MailChoice::Daily | MailChoice::Each | MailChoice::Off, _) => Ok(()),
        }
    }
}

impl Default for NoticePreferences {
    fn default() -> Self {
        Self {
            mail: MailChoice::Each,
            digest_minute: 8 * 60,
            quiet: None,
            zone: "UTC".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_goes_over_midnight() {
        let night = QuietHours::new(22 * 60, 7 * 60);
        let quiet = |minute| night.map(|night| night.contains(minute));
        assert_eq!(quiet(22 * 60), Ok(true));
        assert_eq!(quiet(0), Ok(true));
        assert_eq!(quiet(7 * 60 - 1), Ok(true));
        assert_eq!(quiet(7 * 60), Ok(false));
        assert_eq!(quiet(22 * 60 - 1), Ok(false));
    }

    #[test]
    fn a_lunch_break_does_not() {
        let lunch = QuietHours::new(12 * 60, 13 * 60);
        let quiet = |minute| lunch.map(|lunch| lunch.contains(minute));
        assert_eq!(
            (quiet(12 * 60), quiet(13 * 60), quiet(0)),
            (Ok(true), Ok(false), Ok(false))
        );
    }

    #[test]
    fn times_of_day_and_nothing_else() {
        assert_eq!(QuietHours::minute("22:05"), Ok(22 * 60 + 5));
        assert_eq!(QuietHours::minute("0:00"), Ok(0));
        for wrong in ["24:00", "7", "7:60", "-1:00", "7:5x", ""] {
            assert_eq!(QuietHours::minute(wrong), Err(PreferenceError::Time), "{wrong}");
        }
        assert_eq!(QuietHours::words(65), "01:05");
        assert_eq!(QuietHours::new(5, 5), Err(PreferenceError::Empty));
        assert_eq!(QuietHours::new(5, 1_440), Err(PreferenceError::Time));
    }
}
