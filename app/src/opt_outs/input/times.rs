//! From when, until when and in which hours, as they were typed: local times of one zone.

use domain::{
    opt_out::{Day, Direction, Recurrence, RecurrenceError},
    time_of_day::TimeOfDay,
    window::Instant,
    zone::{LocalTime, Zone},
};

use super::{keep, text};
use crate::{
    form::{FieldError, Submission},
    local_times::{local, zone},
};

/// What the form says about time.
pub(super) struct Times {
    pub(super) starts_at: Option<Instant>,
    pub(super) ends_at: Option<Instant>,
    pub(super) recurrence: Option<Recurrence>,
    /// None where no zone was named: all times are UTC then.
    pub(super) zone: Option<Zone>,
}

/// Reads `zone`, `starts_at`, `ends_at` and `hours.*`. None where one of them cannot be read; `errors` say which.
pub(super) fn read(
    form: &Submission,
    direction: Option<Direction>,
    errors: &mut Vec<FieldError>,
) -> Option<Times> {
    let zone = keep(errors, zone(form));
    // Where no zone can be read, the other fields are still looked at.
    let there = zone.clone().flatten().unwrap_or_else(Zone::utc);
    let starts_at = keep(errors, local(form, "starts_at", &there));
    let ends_at = keep(errors, local(form, "ends_at", &there));
    let recurrence = hours(form, &there, errors);
    let starts_at = starts_at?.map(|start| begins(start, direction));
    Some(Times {
        ends_at: ends_at?.map(|end| ends(end, direction, starts_at)),
        starts_at,
        recurrence: recurrence?,
        zone: zone?,
    })
}

/// Of a time that clocks show twice, the one that lets a bypass cover less and a `to_manual` more, as recurring hours have it.
fn begins(start: LocalTime, direction: Option<Direction>) -> Instant {
    match direction {
        Some(Direction::Bypass) => start.last(),
        Some(Direction::ToManual) | None => start.first(),
    }
}

fn ends(end: LocalTime, direction: Option<Direction>, starts_at: Option<Instant>) -> Instant {
    match direction {
        Some(Direction::Bypass) if starts_at.is_none_or(|start| end.first() > start) => end.first(),
        Some(Direction::Bypass | Direction::ToManual) | None => end.last(),
    }
}

/// The hours of the week; inner none: all of them, which is what nothing filled in says.
fn hours(form: &Submission, zone: &Zone, errors: &mut Vec<FieldError>) -> Option<Option<Recurrence>> {
    let (from, until) = (text(form, "hours.from"), text(form, "hours.until"));
    let days: Vec<&str> = form.values_of("hours.days").collect();
    if days.is_empty() && from.is_empty() && until.is_empty() {
        return Some(None);
    }
    let days = days
        .into_iter()
        .map(str::parse::<Day>)
        .collect::<Result<_, _>>()
        .map_err(|_| FieldError::at("/hours/days", "unknown", "Choose from the days below."));
    let time = |typed: &str, field: &str| {
        typed.parse::<TimeOfDay>().map_err(|_| {
            FieldError::at(
                field,
                "not_a_time",
                "A time of day is written as 22:00; these hours need both.",
            )
        })
    };
    let days = keep(errors, days);
    let from = keep(errors, time(&from, "/hours/from"));
    let until = keep(errors, time(&until, "/hours/until"));
    let hours = Recurrence::new(days?, from?, until?, zone.clone()).map_err(|error| {
        let message = match error {
            RecurrenceError::NoDay => "Choose the days on which these hours begin.",
            RecurrenceError::Always => "These hours are all the week: leave them out.",
        };
        FieldError::at("/hours/days", "no_hours", message)
    });
    keep(errors, hours).map(Some)
}
