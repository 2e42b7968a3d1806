//! The posted request form, read. The same for a preview and for sending.
//!
//! Fields: `scenario`, `direction`, `title`, `scope.principals` (repeated), `scope.resources` (repeated),
//! `scope.capabilities`, `scope.rules` (repeated), `reason`, `zone`, `starts_at`, `ends_at` (both `datetime-local`, in that
//! zone), `length_secs`, `hours.days` (repeated), `hours.from`, `hours.until`, `ticket`, `max_uses`, `details.incident_id`,
//! `details.data_classification`, `details.compensating_control`, `renews`, and those of [`super::premise_input`]. What the
//! entries of a scope look like says [`super::scope_text`].

mod times;

use domain::{
    id::OptOutId,
    name::ScenarioId,
    opt_out::{DataClassification, Details, Direction},
    scope::Scope,
};
use service::{
    ServiceError,
    opt_outs::{OptOutInput, ScopeSoFar},
};

use super::scope_text::{self, ScopeTextError};
use crate::form::{FieldError, Submission};

/// Reads the form. Errors name every field that cannot be read; what the fields say together, the use case judges.
pub fn read_request(form: &Submission) -> Result<OptOutInput, Vec<FieldError>> {
    let mut errors = Vec::new();
    let scenario = keep(&mut errors, scenario(form));
    let direction = keep(&mut errors, direction(form));
    let scope = scope(form, &mut errors);
    let times = times::read(form, direction, &mut errors);
    let length_secs = keep(&mut errors, number::<i64>(form, "length_secs"));
    let max_uses = keep(&mut errors, number::<u32>(form, "max_uses"));
    let details = keep(&mut errors, details(form)).unwrap_or_default();
    let renews = keep(&mut errors, renews(form)).flatten();
    let premise = keep(&mut errors, super::premise_input::read(form)).flatten();
    if times.as_ref().is_some_and(|times| times.ends_at.is_some()) && length_secs.flatten().is_some() {
        errors.push(FieldError::at(
            "/ends_at",
            "two_ends",
            "Name an end or a length, not both.",
        ));
    }
    let read = match (scenario, direction, times, length_secs, max_uses) {
        (Some(scenario), Some(direction), Some(times), Some(length_secs), Some(max_uses)) => {
            Some(OptOutInput {
                scenario,
                direction,
                title: text(form, "title"),
                scope,
                reason: text(form, "reason"),
                ticket: Some(text(form, "ticket")).filter(|ticket| !ticket.is_empty()),
                starts_at: times.starts_at,
                ends_at: times.ends_at,
                recurrence: times.recurrence,
                zone: times.zone,
                length_secs,
                max_uses,
                details,
                renews,
                premise,
            })
        }
        _ => None,
    };
    match read {
        Some(input) if errors.is_empty() => Ok(input),
        Some(_) | None => Err(errors),
    }
}

/// The scope alone, where it and its direction can be read, whatever is wrong elsewhere.
pub fn read_scope(form: &Submission) -> Option<ScopeSoFar> {
    let mut errors = Vec::new();
    let scope = scope(form, &mut errors);
    if !errors.is_empty() {
        return None;
    }
    Some(ScopeSoFar {
        scenario: scenario(form).ok(),
        direction: direction(form).ok()?,
        scope,
    })
}

/// What was refused as the form's own errors; anything else is no answer to what was typed.
///
/// The use case names fields as paths (`scope/rules`).
pub fn refused(error: ServiceError) -> Result<Vec<FieldError>, ServiceError> {
    match error {
        ServiceError::Invalid(fields) => Ok(fields
            .into_iter()
            .map(|field| FieldError::at(&format!("/{}", field.field), field.code, field.message))
            .collect()),
        ServiceError::Conflict { code, why } => Ok(vec![FieldError::form(code, why)]),
        other => Err(other),
    }
}

fn keep<T>(errors: &mut Vec<FieldError>, read: Result<T, FieldError>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}

/// Browsers send CR LF for a line break.
fn text(form: &Submission, name: &str) -> String {
    form.value(name)
        .unwrap_or_default()
        .replace("\r\n", "\n")
        .trim()
        .to_owned()
}

fn scenario(form: &Submission) -> Result<ScenarioId, FieldError> {
    ScenarioId::new(text(form, "scenario"))
        .map_err(|_| FieldError::at("/scenario", "missing", "Choose the case that it stands on."))
}

fn direction(form: &Submission) -> Result<Direction, FieldError> {
    text(form, "direction").parse().map_err(|_| {
        FieldError::at(
            "/direction",
            "missing",
            "Choose whether people decide, or a rule is taken out.",
        )
    })
}

fn details(form: &Submission) -> Result<Details, FieldError> {
    let given = |name: &str| Some(text(form, name)).filter(|text| !text.is_empty());
    let data_classification = given("details.data_classification")
        .map(|word| word.parse::<DataClassification>())
        .transpose()
        .map_err(|_| FieldError::at("/details/data_classification", "unknown", "Choose one of these."))?;
    Ok(Details {
        compensating_control: given("details.compensating_control"),
        incident_id: given("details.incident_id"),
        data_classification,
    })
}

fn renews(form: &Submission) -> Result<Option<OptOutId>, FieldError> {
    let typed = text(form, "renews");
    if typed.is_empty() {
        return Ok(None);
    }
    typed
        .parse()
        .map(Some)
        .map_err(|_| FieldError::at("/renews", "unknown", "There is no such opt-out to renew."))
}

fn scope(form: &Submission, errors: &mut Vec<FieldError>) -> Scope {
    let unread = |field: &str, error: &ScopeTextError| FieldError::at(field, "unreadable", error.to_string());
    Scope {
        principals: scope_text::principals(form.values_of("scope.principals")).unwrap_or_else(|error| {
            errors.push(unread("/scope/principals", &error));
            None
        }),
        resources: scope_text::resources(form.values_of("scope.resources")).unwrap_or_else(|error| {
            errors.push(unread("/scope/resources", &error));
            None
        }),
        capabilities: scope_text::capabilities(form.values_of("scope.capabilities")).unwrap_or_else(
            |error| {
                errors.push(unread("/scope/capabilities", &error));
                None
            },
        ),
        rules: form
            .values_of("scope.rules")
            .filter_map(|rule| {
                let read = domain::name::RuleId::new(rule);
                read.map_err(|_| {
                    errors.push(FieldError::at(
                        "/scope/rules",
                        "unknown",
                        "Choose from the rules below.",
                    ))
                })
                .ok()
            })
            .collect(),
    }
}

fn number<T: std::str::FromStr>(form: &Submission, name: &str) -> Result<Option<T>, FieldError> {
    let typed = text(form, name);
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse().map(Some).map_err(|_| {
        FieldError::at(
            &format!("/{name}"),
            "unreadable",
            "Write a whole number in digits.",
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail loudly"
    )]

    use super::*;

    fn form(changed: &[(&str, &str)]) -> Submission {
        let mut values = vec![
            ("scenario", "audit-examination"),
            ("direction", "bypass"),
            ("title", " Ledger reads "),
            ("scope.principals", "group auditors-external"),
            ("scope.principals", "person p.novak"),
            ("scope.resources", "label system=ledger"),
            ("scope.capabilities", "read"),
            ("scope.rules", "read-needs-ticket"),
            ("reason", "first\r\nsecond"),
            ("starts_at", "2026-11-25T08:00"),
            ("ends_at", "2026-12-02T08:00:30"),
            ("ticket", ""),
        ];
        values.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        values.extend_from_slice(changed);
        Submission {
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            errors: vec![],
            intent: "send".to_owned(),
        }
    }

    fn fields(changed: &[(&str, &str)]) -> Vec<String> {
        read_request(&form(changed))
            .unwrap_err()
            .into_iter()
            .map(|error| error.field)
            .collect()
    }

    #[test]
    fn a_form_that_is_filled_in_is_read() {
        let input = read_request(&form(&[])).unwrap();
        assert_eq!(input.title, "Ledger reads");
        assert_eq!(input.reason, "first\nsecond");
        assert_eq!(input.scope.principals.unwrap().len(), 2);
        assert_eq!(input.scope.rules.len(), 1);
        assert_eq!(input.starts_at.unwrap().to_rfc3339(), "2026-11-25T08:00:00+00:00");
        assert_eq!(input.ends_at.unwrap().to_rfc3339(), "2026-12-02T08:00:30+00:00");
        assert_eq!(
            (input.ticket, input.length_secs, input.max_uses),
            (None, None, None)
        );
    }

    #[test]
    fn a_scope_is_read_whatever_is_wrong_elsewhere() {
        let read = read_scope(&form(&[("scenario", ""), ("starts_at", "tomorrow")])).unwrap();
        assert_eq!((read.scenario, read.scope.principals.unwrap().len()), (None, 2));
        assert_eq!(read_scope(&form(&[("scope.resources", "payments-prod")])), None);
        assert_eq!(read_scope(&form(&[("direction", "sideways")])), None);
    }

    #[test]
    fn every_field_that_cannot_be_read_is_named_at_once() {
        let broken = [
            ("scenario", ""),
            ("direction", "sideways"),
            ("scope.principals", "everybody"),
            ("scope.resources", "payments-prod"),
            ("starts_at", "tomorrow"),
            ("max_uses", "-1"),
            ("details.data_classification", "secret"),
            ("renews", "the last one"),
        ];
        let named = fields(&broken);
        for (field, _) in broken {
            assert!(
                named.iter().any(|name| name == field),
                "{field} is not in {named:?}"
            );
        }
        assert_eq!(named.len(), broken.len());
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let berlin = read_request(&form(&[("zone", "Europe/Berlin")])).unwrap();
        assert_eq!(
            berlin.starts_at.unwrap().to_rfc3339(),
            "2026-11-25T07:00:00+00:00"
        );
        assert_eq!(berlin.zone.unwrap().as_str(), "Europe/Berlin");
        assert_eq!(fields(&[("zone", "Berlin")]), ["zone"]);
        // Clocks go from 02:00 to 03:00 that night.
        let skipped = form(&[
            ("zone", "Europe/Berlin"),
            ("starts_at", "2027-03-28T02:30"),
            ("ends_at", ""),
        ]);
        let error = read_request(&skipped).unwrap_err().remove(0);
        assert_eq!(
            (error.field.as_str(), error.code.as_str()),
            ("starts_at", "no_such_time")
        );
        assert_eq!(
            error.message,
            "Clocks in Europe/Berlin are put forward over 02:30 on 28 Mar 2027: there is no such time. The first after it is 03:00."
        );
    }

    #[test]
    fn of_a_time_that_comes_twice_a_bypass_gets_less() {
        // Clocks go from 03:00 back to 02:00 that night.
        let twice = |direction| {
            let typed = [
                ("zone", "Europe/Berlin"),
                ("direction", direction),
                ("starts_at", "2026-10-25T02:10"),
                ("ends_at", "2026-10-25T02:50"),
            ];
            let read = read_request(&form(&typed)).unwrap();
            (read.ends_at.unwrap() - read.starts_at.unwrap()).num_minutes()
        };
        assert_eq!((twice("bypass"), twice("to_manual")), (40, 100));
    }

    #[test]
    fn hours_are_whole_or_none() {
        let night = [
            ("zone", "Europe/Berlin"),
            ("hours.days", "sat"),
            ("hours.from", "22:00"),
            ("hours.until", "06:00"),
        ];
        let hours = read_request(&form(&night)).unwrap().recurrence.unwrap();
        assert_eq!(hours.to_string(), "Sat 22:00–Sun 06:00 Europe/Berlin");
        assert_eq!(read_request(&form(&[])).unwrap().recurrence, None);
        assert_eq!(fields(&[("hours.days", "sat")]), ["hours.from", "hours.until"]);
        assert_eq!(
            fields(&[("hours.from", "22:00"), ("hours.until", "6 o'clock")]),
            ["hours.until"]
        );
        assert_eq!(
            fields(&[("hours.from", "22:00"), ("hours.until", "06:00")]),
            ["hours.days"]
        );
        assert_eq!(
            fields(&[
                ("hours.days", "saturday"),
                ("hours.from", "22:00"),
                ("hours.until", "06:00")
            ]),
            ["hours.days"]
        );
    }

    #[test]
    fn an_end_and_a_length_are_one_too_many() {
        assert_eq!(fields(&[("length_secs", "3600")]), ["ends_at"]);
        assert_eq!(
            read_request(&form(&[("ends_at", ""), ("length_secs", "3600")]))
                .unwrap()
                .length_secs,
            Some(3600)
        );
    }

    #[test]
    fn the_use_cases_paths_become_fields() {
        let error = ServiceError::field("scope/rules", "not_exemptible", "Nobody can be exempted from x.");
        assert_eq!(refused(error).unwrap()[0].field, "scope.rules");
        assert!(refused(ServiceError::NotFound { what: "rule" }).is_err());
    }
}
