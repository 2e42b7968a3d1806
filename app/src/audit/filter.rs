//! The addresses of the two lists, read. What this page does not know is refused, not left out: a list that shows more than
//! was asked for would mislead.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use domain::{
    directory::Directory,
    event::EventKind,
    principal::{PrincipalKind, PrincipalRef},
    resource::ResourceRef,
    window::Instant,
};
use service::{
    Service,
    audit::{DecisionFilter, EventFilter},
};

use super::view::{DecisionQuery, EventQuery};
use crate::error::{AppError, AppErrorKind};

/// How many entries a page holds.
pub(super) const PAGE: usize = 50;

/// The filter of the events.
pub(super) fn events(query: &EventQuery, service: &Service) -> Result<EventFilter, AppError> {
    let kind = typed(&query.kind);
    if kind.as_deref().is_some_and(|kind| !is_kind(kind)) {
        return Err(refuse("There is no such kind of event."));
    }
    let held = service.snapshots().current();
    let before = typed(&query.before).map(|id| id.parse()).transpose();
    Ok(EventFilter {
        kind,
        actor: typed(&query.actor).map(|actor| person_called(held.directory(), &actor).unwrap_or(actor)),
        object: typed(&query.object),
        from: day(&query.from, TimeDelta::zero())?,
        until: day(&query.until, TimeDelta::days(1))?,
        before: before.map_err(|_| refuse("The page begins after an entry that cannot be one."))?,
    })
}

/// The filter of the decisions.
pub(super) fn decisions(query: &DecisionQuery, service: &Service) -> Result<DecisionFilter, AppError> {
    let held = service.snapshots().current();
    let before = typed(&query.before).map(|id| id.parse()).transpose();
    let outcome = typed(&query.outcome).map(|word| word.parse()).transpose();
    Ok(DecisionFilter {
        principal: typed(&query.principal)
            .map(|text| principal(held.directory(), &text))
            .transpose()?,
        resource: typed(&query.resource)
            .map(|text| resource(held.directory(), &text))
            .transpose()?,
        effective: outcome.map_err(|_| refuse("There is no such outcome."))?,
        changed: match query.changed.as_str() {
            "" => false,
            "yes" => true,
            _ => return Err(refuse("The filter is not one of this page.")),
        },
        from: day(&query.from, TimeDelta::zero())?,
        until: day(&query.until, TimeDelta::days(1))?,
        before: before.map_err(|_| refuse("The page begins after an entry that cannot be one."))?,
    })
}

fn typed(value: &str) -> Option<String> {
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn refuse(sentence: &str) -> AppError {
    AppError::new(AppErrorKind::BadRequest).with_detail(sentence)
}

fn is_kind(kind: &str) -> bool {
    EventKind::ALL
        .iter()
        .any(|known| known.as_str() == kind || (kind.ends_with('.') && known.as_str().starts_with(kind)))
}

/// Midnight of a day in UTC, that much later: the last day is meant to be in.
fn day(text: &str, later: TimeDelta) -> Result<Option<Instant>, AppError> {
    let Some(text) = typed(text) else { return Ok(None) };
    NaiveDate::parse_from_str(&text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.and_time(NaiveTime::MIN).and_utc().checked_add_signed(later))
        .map(Some)
        .ok_or_else(|| refuse("A day is written as 2026-11-25."))
}

/// The id of the person of this name.
fn person_called(directory: &Directory, name: &str) -> Option<String> {
    directory
        .persons()
        .find(|(_, person)| person.display_name.eq_ignore_ascii_case(name))
        .map(|(id, _)| id.to_string())
}

/// `workload ci/payments`; a person's name; or an id alone, where only one principal has it.
fn principal(directory: &Directory, text: &str) -> Result<PrincipalRef, AppError> {
    let spelled = text
        .split_once(' ')
        .and_then(|(kind, id)| PrincipalRef::new(kind.parse::<PrincipalKind>().ok()?, id.trim()).ok());
    let id = person_called(directory, text).unwrap_or_else(|| text.to_owned());
    spelled
        .or_else(|| only(directory.principals.keys().filter(|known| known.id == id)))
        .ok_or_else(|| refuse("Write who asked as “workload ci/payments”, or the name of a person."))
}

/// `service payments-prod`, or an id alone, where only one resource has it.
fn resource(directory: &Directory, text: &str) -> Result<ResourceRef, AppError> {
    let spelled = text
        .split_once(' ')
        .and_then(|(kind, id)| ResourceRef::new(kind, id.trim()).ok());
    spelled
        .or_else(|| only(directory.resources.keys().filter(|known| known.id == text)))
        .ok_or_else(|| refuse("Write the resource as “service payments-prod”."))
}

fn only<'a, T: Clone + 'a>(mut found: impl Iterator<Item = &'a T>) -> Option<T> {
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_in() {
        let at = |text: &str, days| day(text, TimeDelta::days(days)).map(|at| at.map(|at| at.to_rfc3339()));
        assert_eq!(
            at("2026-11-25", 0),
            Ok(Some("2026-11-25T00:00:00+00:00".to_owned()))
        );
        assert_eq!(
            at("2026-11-30", 1),
            Ok(Some("2026-12-01T00:00:00+00:00".to_owned()))
        );
        assert_eq!(at(" ", 1), Ok(None));
        assert!(at("25.11.2026", 0).is_err_and(|error| error.status() == 400));
        assert!(at("+262142-12-31", 1).is_err());
    }

    #[test]
    fn a_kind_is_one_or_all_of_an_aggregate() {
        for kind in ["opt_out.requested", "opt_out.", "session."] {
            assert!(is_kind(kind), "{kind}");
        }
        for other in ["opt_out", "opt", ".", "opt_out.eaten", "%."] {
            assert!(!is_kind(other), "{other}");
        }
    }

    #[test]
    fn an_id_that_two_have_must_be_spelled_out() {
        let twice = [1, 2];
        assert_eq!(only(twice.iter()), None);
        assert_eq!(only(twice.iter().take(1)), Some(1));
        assert_eq!(only(twice.iter().take(0)), None);
    }
}
