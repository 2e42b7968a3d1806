//! Named time zones: `Europe/Berlin`. A name and never an offset, since what is meant by 22:00 there changes twice a year.

#[cfg(feature = "zones")]
mod clock;
#[cfg(feature = "zones")]
mod words;

#[cfg(feature = "zones")]
pub use clock::LocalTime;

use serde::{Deserialize, Serialize};

/// The release of the IANA time-zone database that hours and local times are read with, such as `2025b`.
#[cfg(feature = "zones")]
pub const TIME_ZONES: &str = chrono_tz::IANA_TZDB_VERSION;

/// The longest name, in characters.
const LONGEST: usize = 64;

/// The IANA name of a zone.
///
/// With the feature `zones` it is one that the database knows, so that all which follow from it are total; in the browser
/// it only looks like one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(String);

/// Not a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("choose a zone by its name, such as Europe/Berlin")]
pub struct ZoneError;

impl Zone {
    /// UTC, where nothing else was said.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(feature = "zones")]
    fn is_known(name: &str) -> bool {
        name.parse::<chrono_tz::Tz>().is_ok()
    }

    #[cfg(not(feature = "zones"))]
    fn is_known(name: &str) -> bool {
        name.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "/_+-".contains(letter))
    }
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        if name.is_empty() || name.len() > LONGEST || !Self::is_known(name) {
            Err(ZoneError)
        } else {
            Ok(Self(name.to_owned()))
        }
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}
