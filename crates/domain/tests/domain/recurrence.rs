//! Invariant 12: hours are in named zones, right over midnight and both changes of clocks.

use crate::opt_out::opt_out;
use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeDelta, TimeZone as _, Timelike as _};
use chrono_tz::{TZ_VARIANTS, Tz};
use domain::opt_out::{Day, Direction, Hours, OptOut, OptOutState, Recurrence, RecurrenceError};
use domain::time_of_day::TimeOfDay;
use domain::window::{Instant, Window};
use domain::zone::{LocalTime, Zone};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const MINUTE: TimeDelta = TimeDelta::minutes(1);

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn time(text: &str) -> TimeOfDay {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn hours(days: &[Day], from: &str, until: &str, name: &str) -> Recurrence {
    Recurrence::new(
        days.iter().copied().collect(),
        time(from),
        time(until),
        zone(name),
    )
    .unwrap()
}

/// The spans of a time, as "from until" in UTC, found by walking from minute to minute.
fn spans(recurrence: &Recurrence, direction: Direction, from: &str, until: &str) -> Vec<String> {
    let (mut now, until) = (at(from), at(until));
    let mut found = Vec::new();
    let mut begun: Option<Instant> = None;
    while now <= until {
        match (begun, recurrence.contains(direction, now)) {
            (None, true) => begun = Some(now),
            (Some(start), false) => {
                found.push(format!("{} {}", start.format("%dT%H:%M"), now.format("%dT%H:%M")));
                begun = None;
            }
            (None, false) | (Some(_), true) => {}
        }
        now += MINUTE;
    }
    found
}

#[test]
fn over_midnight_and_half_open() {
    let night = hours(&[Day::Sat], "22:00", "06:00", "Europe/Berlin");
    for direction in Direction::ALL {
        for (instant, within) in [
            ("2026-11-28T20:59:59.999999Z", false),
            ("2026-11-28T21:00:00Z", true),
            ("2026-11-28T23:30:00Z", true),
            ("2026-11-29T04:59:59.999999Z", true),
            ("2026-11-29T05:00:00Z", false),
            // Saturday morning belongs to Friday, which is not named; so does Sunday night to Sunday.
            ("2026-11-28T02:00:00Z", false),
            ("2026-11-29T22:00:00Z", false),
        ] {
            assert_eq!(night.contains(direction, at(instant)), within, "{instant}");
        }
    }
}

#[test]
fn what_begins_at_midnight_belongs_to_its_day() {
    let days = hours(&[Day::Sat, Day::Sun], "00:00", "00:00", "Asia/Tokyo");
    let span = days
        .span_at(Direction::Bypass, at("2026-11-28T12:00:00Z"))
        .unwrap();
    assert_eq!(
        (span.starts_at(), span.ends_at()),
        (at("2026-11-27T15:00:00Z"), at("2026-11-29T15:00:00Z")),
        "two days that touch are one span"
    );
    assert!(!days.contains(Direction::Bypass, at("2026-11-27T14:59:59Z")));
    assert_eq!(
        days.span_after(Direction::Bypass, span.starts_at())
            .unwrap()
            .starts_at(),
        at("2026-12-04T15:00:00Z")
    );
    let until_midnight = hours(&[Day::Fri], "18:00", "00:00", "UTC");
    assert!(until_midnight.contains(Direction::Bypass, at("2026-11-27T23:59:59Z")));
    assert!(!until_midnight.contains(Direction::Bypass, at("2026-11-28T00:00:00Z")));
}

/// On 2026-03-29 clocks in Berlin go from 02:00 to 03:00, which is at 01:00 UTC.
#[test]
fn hours_that_clocks_skip_are_none_and_their_ends_are_the_first_instant_after() {
    let (before, after) = ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
    for direction in Direction::ALL {
        for (from, until, expected) in [
            // Over the change it is an hour shorter, since clocks are meant and not a length.
            ("22:00", "06:00", vec!["28T21:00 29T04:00"]),
            ("22:00", "02:30", vec!["28T21:00 29T01:00"]),
            ("22:00", "03:00", vec!["28T21:00 29T01:00"]),
        ] {
            let night = hours(&[Day::Sat], from, until, "Europe/Berlin");
            assert_eq!(
                spans(&night, direction, before, after),
                expected,
                "{from} {until}"
            );
        }
        for (from, until, expected) in [
            ("02:30", "04:00", vec!["29T01:00 29T02:00"]),
            ("02:00", "03:30", vec!["29T01:00 29T01:30"]),
            ("02:10", "02:50", vec![]),
            ("01:30", "02:30", vec!["29T00:30 29T01:00"]),
        ] {
            let morning = hours(&[Day::Sun], from, until, "Europe/Berlin");
            assert_eq!(
                spans(&morning, direction, before, after),
                expected,
                "{from} {until}"
            );
        }
    }
}

/// On 2026-10-25 clocks in Berlin go from 03:00 back to 02:00, which is at 01:00 UTC.
#[test]
fn of_hours_that_clocks_show_twice_a_bypass_has_less_and_a_to_manual_more() {
    let (before, after) = ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    for (day, from, until, bypass, to_manual) in [
        (
            Day::Sat,
            "22:00",
            "06:00",
            "24T20:00 25T05:00",
            "24T20:00 25T05:00",
        ),
        (
            Day::Sat,
            "22:00",
            "02:30",
            "24T20:00 25T00:30",
            "24T20:00 25T01:30",
        ),
        (
            Day::Sun,
            "02:30",
            "04:00",
            "25T01:30 25T03:00",
            "25T00:30 25T03:00",
        ),
        (
            Day::Sun,
            "02:10",
            "02:50",
            "25T01:10 25T01:50",
            "25T00:10 25T01:50",
        ),
        (
            Day::Sun,
            "02:00",
            "03:00",
            "25T01:00 25T02:00",
            "25T00:00 25T02:00",
        ),
        (
            Day::Sun,
            "01:30",
            "02:00",
            "24T23:30 25T00:00",
            "24T23:30 25T01:00",
        ),
    ] {
        let hours = hours(&[day], from, until, "Europe/Berlin");
        assert_eq!(
            spans(&hours, Direction::Bypass, before, after),
            [bypass],
            "{from} {until}"
        );
        assert_eq!(
            spans(&hours, Direction::ToManual, before, after),
            [to_manual],
            "{from} {until}"
        );
    }
}

#[test]
fn a_day_that_was_left_out_has_no_hours() {
    // Samoa went from 2011-12-29 to 2011-12-31.
    let friday = hours(&[Day::Fri], "09:00", "17:00", "Pacific/Apia");
    let thursday = hours(&[Day::Thu], "22:00", "06:00", "Pacific/Apia");
    let (before, after) = ("2011-12-28T00:00:00Z", "2012-01-02T00:00:00Z");
    for direction in Direction::ALL {
        assert_eq!(spans(&friday, direction, before, after), [""; 0]);
        assert_eq!(spans(&thursday, direction, before, after), ["30T08:00 30T10:00"]);
        let next = friday.span_after(direction, at("2011-12-25T00:00:00Z")).unwrap();
        assert_eq!(next.starts_at(), at("2012-01-05T19:00:00Z"), "a week later");
    }
}

#[test]
fn local_times_and_those_that_are_none() {
    let berlin = zone("Europe/Berlin");
    let read = |text: &str| berlin.instants_of(text.parse().unwrap()).unwrap();
    assert_eq!(
        read("2026-11-28T22:00:00"),
        LocalTime::Once(at("2026-11-28T21:00:00Z"))
    );
    assert_eq!(
        read("2026-03-29T02:30:00"),
        LocalTime::Skipped {
            after: at("2026-03-29T01:00:00Z")
        }
    );
    assert_eq!(
        read("2026-10-25T02:30:00"),
        LocalTime::Twice {
            first: at("2026-10-25T00:30:00Z"),
            last: at("2026-10-25T01:30:00Z")
        }
    );
    for wrong in ["", "Berlin", "CET+1", "Europe/berlin ?", "+01:00"] {
        assert!(wrong.parse::<Zone>().is_err(), "{wrong}");
    }
}

#[test]
fn hours_are_written_as_people_say_them() {
    use Day::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    for (days, from, until, words, minutes) in [
        (&[Sat][..], "22:00", "06:00", "Sat 22:00–Sun 06:00 UTC", 480),
        (&[Sun], "23:00", "01:00", "Sun 23:00–Mon 01:00 UTC", 120),
        (
            &[Mon, Tue, Wed, Thu, Fri],
            "09:00",
            "17:00",
            "Mon–Fri 09:00–17:00 UTC",
            2_400,
        ),
        (
            &[Mon, Wed, Thu, Fri],
            "22:00",
            "02:00",
            "Mon, Wed–Fri 22:00–02:00 the day after, UTC",
            960,
        ),
        (&[Sat, Sun], "00:00", "00:00", "Sat, Sun all day UTC", 2_880),
        (&[Fri], "18:00", "00:00", "Fri 18:00–24:00 UTC", 360),
        (&[Sat], "06:00", "06:00", "Sat 06:00–Sun 06:00 UTC", 1_440),
        (&Day::ALL, "01:00", "02:00", "every day 01:00–02:00 UTC", 420),
    ] {
        let hours = hours(days, from, until, "UTC");
        assert_eq!(
            (hours.to_string().as_str(), hours.minutes_a_week()),
            (words, minutes)
        );
    }
}

#[test]
fn no_day_and_all_the_week_are_no_hours_and_json_cannot_say_otherwise() {
    let new = |days: &[Day]| {
        Recurrence::new(
            days.iter().copied().collect(),
            time("06:00"),
            time("06:00"),
            Zone::utc(),
        )
    };
    assert_eq!(new(&[]), Err(RecurrenceError::NoDay));
    assert_eq!(new(&Day::ALL), Err(RecurrenceError::Always));
    let night = hours(&[Day::Sat], "22:00", "06:00", "Europe/Berlin");
    let json =
        serde_json::json!({ "days": ["sat"], "from": "22:00", "until": "06:00", "zone": "Europe/Berlin" });
    assert_eq!(serde_json::to_value(&night).unwrap(), json);
    assert_eq!(serde_json::from_value::<Recurrence>(json.clone()).unwrap(), night);
    for (key, wrong) in [
        ("days", "[]"),
        ("from", "\"24:00\""),
        ("zone", "\"Europe/Atlantis\""),
    ] {
        let mut json = json.clone();
        json[key] = serde_json::from_str(wrong).unwrap();
        assert!(serde_json::from_value::<Recurrence>(json).is_err(), "{key}");
    }
}

fn recurring(direction: Direction, window: (&str, &str)) -> OptOut {
    OptOut {
        window: Window::new(at(window.0), at(window.1)).unwrap(),
        recurrence: Some(hours(&[Day::Sat], "22:00", "06:00", "Europe/Berlin")),
        lapses_at: at(window.1),
        ..opt_out(direction, OptOutState::Approved)
    }
}

#[test]
fn it_applies_where_both_its_window_and_its_hours_contain_the_instant() {
    // It starts in the middle of one night and ends in the middle of another, a week later.
    let night = recurring(
        Direction::Bypass,
        ("2026-11-28T23:00:00Z", "2026-12-05T23:00:00Z"),
    );
    for (now, in_force, state, hours) in [
        (
            "2026-11-28T22:00:00Z",
            false,
            OptOutState::Approved,
            Hours::Next {
                from: at("2026-11-28T23:00:00Z"),
            },
        ),
        (
            "2026-11-28T23:00:00Z",
            true,
            OptOutState::Active,
            Hours::Within {
                until: at("2026-11-29T05:00:00Z"),
            },
        ),
        (
            "2026-11-29T05:00:00Z",
            false,
            OptOutState::Active,
            Hours::Next {
                from: at("2026-12-05T21:00:00Z"),
            },
        ),
        (
            "2026-12-05T21:00:00Z",
            true,
            OptOutState::Active,
            Hours::Within {
                until: at("2026-12-05T23:00:00Z"),
            },
        ),
        ("2026-12-05T23:00:00Z", false, OptOutState::Expired, Hours::Over),
    ] {
        let now = at(now);
        assert_eq!(
            (
                night.in_force(now, 0),
                night.state_at(now, 0),
                night.hours_at(now)
            ),
            (in_force, state, Some(hours)),
            "{now}"
        );
    }
    let short = recurring(
        Direction::Bypass,
        ("2026-11-29T06:00:00Z", "2026-12-02T00:00:00Z"),
    );
    assert_eq!(short.hours_at(at("2026-11-30T00:00:00Z")), Some(Hours::Over));
    assert_eq!(
        opt_out(Direction::Bypass, OptOutState::Active).hours_at(at("2026-11-30T00:00:00Z")),
        None
    );
}

#[test]
fn it_begins_anew_with_each_of_its_hours() {
    let freeze = recurring(
        Direction::ToManual,
        ("2026-11-01T00:00:00Z", "2026-12-31T00:00:00Z"),
    );
    assert_eq!(
        freeze.applies_since(at("2026-11-29T03:00:00Z")),
        at("2026-11-28T21:00:00Z")
    );
    let approved_within = OptOut {
        approved_at: Some(at("2026-11-29T02:00:00Z")),
        ..freeze
    };
    assert_eq!(
        approved_within.applies_since(at("2026-11-29T03:00:00Z")),
        at("2026-11-29T02:00:00Z")
    );
}

/// What clocks there show, by the other way round: from the instant to the local time, where nothing is ambiguous.
fn clocks_show_them(recurrence: &Recurrence, zone: Tz, now: Instant) -> bool {
    let local: NaiveDateTime = zone.from_utc_datetime(&now.naive_utc()).naive_local();
    let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap();
    let (from, until) = (recurrence.from().minute(), recurrence.until().minute());
    let today = recurrence.days().contains(&Day::from(local.weekday()));
    let yesterday = recurrence.days().contains(&Day::from(local.weekday().pred()));
    if from < until {
        today && from <= minute && minute < until
    } else {
        (today && minute >= from) || (yesterday && minute < until)
    }
}

fn instants() -> impl Strategy<Value = Instant> {
    // From 2005 to 2040, by the minute.
    (18_400_000i64..36_800_000).prop_map(|minutes| DateTime::from_timestamp(minutes * 60, 0).unwrap())
}

/// Instants at which clocks in a zone change, and zones that have any.
fn changes() -> impl Strategy<Value = (Tz, Instant)> {
    (select(&TZ_VARIANTS[..]), instants()).prop_map(|(zone, from)| {
        let offset = |at: Instant| at.with_timezone(&zone).naive_local() - at.naive_utc();
        let change = (0..400)
            .map(|days| from + TimeDelta::days(days))
            .find(|day| offset(*day) != offset(*day + TimeDelta::days(1)));
        (zone, change.unwrap_or(from))
    })
}

fn recurrences(zone: Tz) -> impl Strategy<Value = Recurrence> {
    let at_night = prop_oneof![0u16..240, 1_320u16..1_440, 0u16..1_440];
    (subsequence(&Day::ALL[..], 1..7), at_night.clone(), at_night).prop_map(move |(days, from, until)| {
        Recurrence::new(
            days.into_iter().collect(),
            TimeOfDay::new(from).unwrap(),
            TimeOfDay::new(until).unwrap(),
            zone.name().parse().unwrap(),
        )
        .unwrap()
    })
}

fn around_changes() -> impl Strategy<Value = (Tz, Instant, Recurrence)> {
    changes().prop_flat_map(|(zone, change)| (Just(zone), Just(change), recurrences(zone)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// A bypass applies at most while clocks show the hours, a `to_manual` at least then; and both exactly then, but for the
    /// hours that clocks show twice.
    #[test]
    fn a_bypass_never_has_more_and_a_to_manual_never_less_than_clocks_say((zone, change, recurrence) in around_changes()) {
        let shown_twice = |now: Instant| {
            let local = zone.from_utc_datetime(&now.naive_utc()).naive_local();
            zone.from_local_datetime(&local).latest() != zone.from_local_datetime(&local).earliest()
        };
        let mut now = change - TimeDelta::hours(8);
        for _ in 0..(48 * 60) {
            let meant = clocks_show_them(&recurrence, zone, now);
            let bypass = recurrence.contains(Direction::Bypass, now);
            let to_manual = recurrence.contains(Direction::ToManual, now);
            prop_assert!(!bypass || meant, "a bypass has more at {now}: {recurrence}");
            prop_assert!(!meant || to_manual, "a to_manual has less at {now}: {recurrence}");
            if !shown_twice(now) {
                prop_assert_eq!((bypass, to_manual), (meant, meant), "{}: {}", now, &recurrence);
            }
            now += MINUTE;
        }
    }

    /// The spans are what `contains` says, and the next one is the next minute at which it says so.
    #[test]
    fn spans_agree_with_a_walk_from_minute_to_minute((_, change, recurrence) in around_changes(), direction in select(&Direction::ALL[..])) {
        let begin = change - TimeDelta::hours(30);
        let within = |minutes: i64| recurrence.contains(direction, begin + TimeDelta::minutes(minutes));
        let mut now = 0;
        for _ in 0..2 {
            let here = begin + TimeDelta::minutes(now);
            let span = recurrence.span_at(direction, here);
            prop_assert_eq!(span.is_some(), within(now));
            let end = match span {
                Some(span) => span.ends_at(),
                None => recurrence.span_after(direction, here).unwrap().starts_at(),
            };
            let walked = (now + 1..).find(|minutes| within(*minutes) != within(now)).unwrap();
            prop_assert_eq!(end, begin + TimeDelta::minutes(walked), "from {}: {}", here, &recurrence);
            now = walked;
        }
    }
}
