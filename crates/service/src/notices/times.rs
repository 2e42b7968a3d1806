//! When mail goes out: quiet hours and the daily mail, in the person's own zone. No I/O.

use chrono::{NaiveDate, TimeDelta, TimeZone as _, Timelike as _};
use chrono_tz::Tz;
use domain::notice::{MailChoice, NoticeKind, NoticePreferences};
use domain::window::Instant;

/// When a notice goes out by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mail {
    /// It does not.
    Never,
    /// By itself, not before this.
    At(Instant),
    /// In the daily mail of this instant.
    Daily(Instant),
}

/// When a person who has set this gets mail of that kind.
pub(super) fn mail(preferences: &NoticePreferences, kind: NoticeKind, now: Instant) -> Mail {
    if kind.is_urgent() {
        return Mail::At(now);
    }
    let zone = zone(&preferences.zone).unwrap_or(Tz::UTC);
    match preferences.mail {
        MailChoice::Off => Mail::Never,
        MailChoice::Daily => Mail::Daily(next(zone, preferences.digest_minute, now)),
        MailChoice::Each => Mail::At(after_quiet_hours(preferences, now)),
    }
}

/// That instant, or the end of the quiet hours that it falls into.
pub(super) fn after_quiet_hours(preferences: &NoticePreferences, at: Instant) -> Instant {
    let zone = zone(&preferences.zone).unwrap_or(Tz::UTC);
    match preferences.quiet {
        Some(quiet) if quiet.contains(minute(zone, at)) => next(zone, quiet.until(), at),
        Some(_) | None => at,
    }
}

/// The zone of an IANA name.
pub(super) fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

fn minute(zone: Tz, now: Instant) -> u16 {
    let local = now.with_timezone(&zone);
    // Below 1440.
    u16::try_from(local.hour() * 60 + local.minute()).unwrap_or_default()
}

/// The next time, after `now`, that clocks in the zone show this minute of the day.
fn next(zone: Tz, minute: u16, now: Instant) -> Instant {
    let today = now.with_timezone(&zone).date_naive();
    (0..3)
        .filter_map(|days| today.checked_add_signed(TimeDelta::days(days)))
        .filter_map(|day| instant(zone, day, minute))
        .find(|at| *at > now)
        .unwrap_or(now)
}

/// An hour that clocks are put forward over is the one after it; one that they show twice is the first.
fn instant(zone: Tz, day: NaiveDate, minute: u16) -> Option<Instant> {
    let wanted = day.and_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0)?;
    (0..4)
        .filter_map(|hours| wanted.checked_add_signed(TimeDelta::hours(hours)))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|at| at.to_utc())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use domain::notice::QuietHours;

    fn berlin(mail: MailChoice) -> NoticePreferences {
        NoticePreferences {
            mail,
            digest_minute: 8 * 60,
            quiet: Some(QuietHours::new(22 * 60, 7 * 60).unwrap()),
            zone: "Europe/Berlin".to_owned(),
        }
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn at_night_it_waits_for_the_morning_where_the_person_is() {
        let each = berlin(MailChoice::Each);
        for (now, goes) in [
            // Winter: one hour ahead of UTC.
            ("2026-11-24T20:59:00Z", "2026-11-24T20:59:00Z"),
            ("2026-11-24T21:00:00Z", "2026-11-25T06:00:00Z"),
            ("2026-11-25T05:59:59Z", "2026-11-25T06:00:00Z"),
            ("2026-11-25T06:00:00Z", "2026-11-25T06:00:00Z"),
            // Summer: two.
            ("2026-07-01T20:00:00Z", "2026-07-02T05:00:00Z"),
            // The night in which clocks are put back, and the one in which they are put forward.
            ("2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z"),
            ("2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"),
        ] {
            assert_eq!(
                mail(&each, NoticeKind::Approved, at(now)),
                Mail::At(at(goes)),
                "{now}"
            );
        }
    }

    #[test]
    fn what_is_urgent_knows_no_night_no_digest_and_no_off() {
        for choice in MailChoice::ALL {
            let night = at("2026-11-24T23:00:00Z");
            assert_eq!(
                mail(&berlin(choice), NoticeKind::BreakGlass, night),
                Mail::At(night)
            );
        }
    }

    #[test]
    fn the_daily_mail_is_the_next_one_and_never_now() {
        let daily = berlin(MailChoice::Daily);
        for (now, goes) in [
            ("2026-11-24T06:59:59Z", "2026-11-24T07:00:00Z"),
            ("2026-11-24T07:00:00Z", "2026-11-25T07:00:00Z"),
            ("2026-11-24T23:30:00Z", "2026-11-25T07:00:00Z"),
        ] {
            assert_eq!(
                mail(&daily, NoticeKind::Ended, at(now)),
                Mail::Daily(at(goes)),
                "{now}"
            );
        }
        assert_eq!(
            mail(
                &berlin(MailChoice::Off),
                NoticeKind::Ended,
                at("2026-11-24T12:00:00Z")
            ),
            Mail::Never
        );
    }

    #[test]
    fn an_hour_that_does_not_exist_is_the_one_after_it() {
        let skipped = NoticePreferences {
            digest_minute: 2 * 60 + 30,
            ..berlin(MailChoice::Daily)
        };
        // On 2026-03-29 clocks go from 02:00 to 03:00.
        assert_eq!(
            mail(&skipped, NoticeKind::Ended, at("2026-03-29T00:00:00Z")),
            Mail::Daily(at("2026-03-29T01:30:00Z"))
        );
    }
}
