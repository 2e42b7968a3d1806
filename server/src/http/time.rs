//! The times that clients send: one reader for all of them.

use domain::window::{Instant, to_micros};
use serde::de::{Deserialize, Deserializer, Error};

/// What a time looks like, for the error of one that does not.
pub(crate) const EXAMPLE: &str = "This must be a time as in RFC 3339: 2026-11-24T18:00:00Z.";

/// Reads a time of RFC 3339, with any offset, cut to the database's microseconds.
pub(crate) fn read(text: &str) -> Option<Instant> {
    chrono::DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| to_micros(at.to_utc()))
}

/// A member of a body that is a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SentTime(pub(crate) Instant);

impl<'de> Deserialize<'de> for SentTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        read(&text).map(Self).ok_or_else(|| D::Error::custom(EXAMPLE))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn all_forms_of_rfc_3339_are_read_and_nothing_else() {
        let six: Instant = "2026-11-24T18:00:00Z".parse().unwrap();
        for text in [
            "2026-11-24T18:00:00Z",
            "2026-11-24t18:00:00z",
            "2026-11-24 18:00:00Z",
            "2026-11-24T18:00:00.000000000Z",
            "2026-11-24T19:00:00+01:00",
            "2026-11-24T18:00:00-00:00",
            "2026-11-24T18:00:00.0000009Z",
        ] {
            assert_eq!(read(text), Some(six), "{text}");
        }
        for text in [
            "",
            "soon",
            "2026-11-24",
            "2026-11-24T18:00:00",
            "2026-11-24T18:00Z",
            "2026-11-24T18:00:00+0100",
            "2026-11-24T18:00:00 UTC",
            "1795485497",
            "2026-13-24T18:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
