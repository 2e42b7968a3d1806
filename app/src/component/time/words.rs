//! Times as words. Plain functions of their arguments, the same on both sides.

use chrono::{Datelike, TimeDelta, Timelike};
use domain::window::Instant;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn month(at: &impl Datelike) -> &'static str {
    MONTHS.get(at.month0() as usize).copied().unwrap_or("")
}

/// "UTC", "UTC+1", "UTC-3:30".
fn zone(offset_minutes: i32) -> String {
    let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// "18:00 UTC" on the same day, "2 Dec 08:00 UTC" in the same year, "2 Dec 2025 08:00 UTC" beyond.
///
/// Days are those of the zone that lies `offset_minutes` east of UTC.
pub fn absolute(at: Instant, now: Instant, offset_minutes: i32) -> String {
    let shift = TimeDelta::minutes(offset_minutes.into());
    let (there, today) = (at.naive_utc() + shift, now.naive_utc() + shift);
    let clock = format!(
        "{:02}:{:02} {}",
        there.hour(),
        there.minute(),
        zone(offset_minutes)
    );
    if there.date() == today.date() {
        clock
    } else if there.year() == today.year() {
        format!("{} {} {clock}", there.day(), month(&there))
    } else {
        format!("{} {} {} {clock}", there.day(), month(&there), there.year())
    }
}

/// "24 Nov 2026 14:02:11 UTC", for tooltips and the heads of records.
pub fn exact(at: Instant) -> String {
    format!(
        "{} {} {} {:02}:{:02}:{:02} UTC",
        at.day(),
        month(&at),
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// RFC 3339 in UTC, for the `datetime` attribute.
pub(super) fn machine(at: Instant) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// "in 5 d 20 h", "38 min ago", "now".
pub fn relative(at: Instant, now: Instant) -> String {
    let seconds = (at - now).num_seconds();
    match seconds {
        -59..=59 => "now".to_owned(),
        60.. => format!("in {}", length(seconds)),
        _ => format!("{} ago", length(-seconds)),
    }
}

/// A length of time in its two greatest units: "5 d 20 h", "1 h 20 min", "38 min", "45 s". Never rounded up.
pub fn length(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn an_absolute_time_says_as_much_as_it_must() {
        let now = at("2026-11-24T16:00:00Z");
        assert_eq!(absolute(at("2026-11-24T18:00:00Z"), now, 0), "18:00 UTC");
        assert_eq!(absolute(at("2026-12-02T08:00:00Z"), now, 0), "2 Dec 08:00 UTC");
        assert_eq!(
            absolute(at("2025-12-02T08:05:00Z"), now, 0),
            "2 Dec 2025 08:05 UTC"
        );
    }

    #[test]
    fn the_day_is_the_viewers_own() {
        let now = at("2026-12-31T22:30:00Z");
        // In UTC+1 it is still the 31st, and half an hour past midnight there is a new year.
        assert_eq!(
            absolute(at("2026-12-31T23:30:00Z"), now, 60),
            "1 Jan 2027 00:30 UTC+1"
        );
        assert_eq!(absolute(at("2026-12-31T23:30:00Z"), now, -210), "20:00 UTC-3:30");
    }

    #[test]
    fn a_relative_time_is_never_rounded_towards_more_time() {
        let now = at("2026-11-24T16:00:00Z");
        for (then, text) in [
            ("2026-11-24T16:00:59Z", "now"),
            ("2026-11-24T16:01:00Z", "in 1 min"),
            ("2026-11-24T17:59:59Z", "in 1 h 59 min"),
            ("2026-11-30T12:30:00Z", "in 5 d 20 h"),
            ("2026-11-24T15:22:00Z", "38 min ago"),
            ("2026-11-23T16:00:00Z", "1 d ago"),
        ] {
            assert_eq!(relative(at(then), now), text, "{then}");
        }
        assert_eq!(length(45), "45 s");
        assert_eq!(length(-5), "0 s");
    }

    #[test]
    fn exact_forms_are_unambiguous() {
        let then = at("2026-11-04T04:02:01.999Z");
        assert_eq!(exact(then), "4 Nov 2026 04:02:01 UTC");
        assert_eq!(machine(then), "2026-11-04T04:02:01Z");
    }
}
