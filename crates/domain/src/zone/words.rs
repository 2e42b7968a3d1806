//! Local times in words, for those who asked in them.

use super::Zone;
use crate::window::Instant;
use chrono::{Days, NaiveDateTime};

impl Zone {
    /// "Sat 28 Nov 2026 22:00 Europe/Berlin (21:00 UTC)": the local time that was meant, and what it is in UTC.
    pub fn both(&self, at: Instant) -> String {
        let (local, utc) = (self.shows(at), at.naive_utc());
        let here = format!("{} {self}", local.format("%a %-d %b %Y %H:%M"));
        if self == &Self::utc() {
            here
        } else if local.date() == utc.date() {
            format!("{here} ({} UTC)", utc.format("%H:%M"))
        } else {
            format!("{here} ({} UTC)", utc.format("%a %H:%M"))
        }
    }

    /// "22:00" today, "Sat 22:00" within the week, "Sat 5 Dec 22:00" beyond.
    pub fn soon(&self, at: Instant, now: Instant) -> String {
        let (local, today) = (self.shows(at), self.shows(now));
        local.format(form(local, today)).to_string()
    }
}

fn form(local: NaiveDateTime, today: NaiveDateTime) -> &'static str {
    let week = today.date().checked_add_days(Days::new(7));
    if local.date() == today.date() {
        "%H:%M"
    } else if local.date() > today.date() && week.is_some_and(|week| local.date() < week) {
        "%a %H:%M"
    } else {
        "%a %-d %b %H:%M"
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_local_time_stands_beside_its_utc() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        for (instant, words) in [
            (
                "2026-11-28T21:00:00Z",
                "Sat 28 Nov 2026 22:00 Europe/Berlin (21:00 UTC)",
            ),
            (
                "2026-11-28T23:30:00Z",
                "Sun 29 Nov 2026 00:30 Europe/Berlin (Sat 23:30 UTC)",
            ),
        ] {
            assert_eq!(berlin.both(at(instant)), words);
        }
        assert_eq!(
            Zone::utc().both(at("2026-11-28T21:00:00Z")),
            "Sat 28 Nov 2026 21:00 UTC"
        );
    }

    #[test]
    fn what_comes_soon_says_as_much_as_it_must() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let now = at("2026-11-24T16:00:00Z");
        for (instant, words) in [
            ("2026-11-24T21:00:00Z", "22:00"),
            ("2026-11-28T21:00:00Z", "Sat 22:00"),
            ("2026-11-30T22:59:00Z", "Mon 23:59"),
            ("2026-12-01T21:00:00Z", "Tue 1 Dec 22:00"),
        ] {
            assert_eq!(berlin.soon(at(instant), now), words);
        }
    }
}
