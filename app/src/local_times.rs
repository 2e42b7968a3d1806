//! Times that were typed: local ones, in the zone that stands in the field `zone` of the same form.

use chrono::NaiveDateTime;
use domain::zone::{LocalTime, Zone};

use crate::form::{FieldError, Submission};

/// The zone that was typed into `zone`; none where nothing was.
pub fn zone(form: &Submission) -> Result<Option<Zone>, FieldError> {
    let typed = form.value("zone").unwrap_or_default().trim();
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse().map(Some).map_err(|_| {
        FieldError::at(
            "/zone",
            "unknown",
            "Choose a zone by its name, such as Europe/Berlin.",
        )
    })
}

/// What stands in the field `name`: `2026-11-25T08:00`, as `datetime-local` sends it; some browsers add seconds. None where
/// nothing does; an error where clocks in the zone never show it.
pub fn local(form: &Submission, name: &str, zone: &Zone) -> Result<Option<LocalTime>, FieldError> {
    let typed = form.value(name).unwrap_or_default().trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let field = format!("/{name}");
    let unreadable = || {
        let message = format!("Write day and time in {zone}, as in 2026-11-25T08:00.");
        FieldError::at(&field, "unreadable", message)
    };
    let local = [
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|form| NaiveDateTime::parse_from_str(typed, form).ok())
    .ok_or_else(unreadable)?;
    match zone.instants_of(local).ok_or_else(unreadable)? {
        LocalTime::Skipped { after } => {
            let message = format!(
                "Clocks in {zone} are put forward over {}: there is no such time. The first after it is {}.",
                local.format("%H:%M on %-d %b %Y"),
                zone.shows(after).format("%H:%M"),
            );
            Err(FieldError::at(&field, "no_such_time", message))
        }
        found => Ok(Some(found)),
    }
}
