//! The forms of delegations: lend one's votes, end that.

use app::form::{FieldError, Submission};
use chrono::NaiveDateTime;
use domain::approval::DelegationScope;
use domain::id::DelegationId;
use domain::name::PersonId;
use domain::window::Instant;
use service::Service;
use service::delegations::DelegationInput;

use super::of_error;
use crate::http::forms::{Forms, Outcome, Post};
use crate::mounts::caller;

const PATH: &str = "/settings/delegations";

/// Adds them.
pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let service = service.clone();
    forms.on(PATH, &["make", "end"], move |post| act(service.clone(), post))
}

async fn act(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let form = &post.submission;
    let result = if form.has_intent("end") {
        let Some(id) = form.value("id").and_then(|id| id.parse::<DelegationId>().ok()) else {
            return Outcome::NotFound;
        };
        service.end_delegation(&caller, id).await
    } else {
        match read(form) {
            Ok(input) => service.make_delegation(&caller, &input).await,
            Err(errors) => return Outcome::Refused(errors),
        }
    };
    match result {
        Ok(_) => Outcome::Done(PATH.to_owned()),
        Err(error) => of_error(error),
    }
}

fn read(form: &Submission) -> Result<DelegationInput, Vec<FieldError>> {
    let mut errors = Vec::new();
    let to = form.value("to").and_then(|to| PersonId::new(to).ok());
    if to.is_none() {
        errors.push(FieldError::at("/to", "missing", "Choose whom you lend them to."));
    }
    let mut keep = |read: Result<Option<Instant>, FieldError>| {
        read.unwrap_or_else(|error| {
            errors.push(error);
            None
        })
    };
    let starts_at = keep(instant(form, "starts_at"));
    let ends_at = keep(instant(form, "ends_at"));
    if ends_at.is_none() && !errors.iter().any(|error| error.field == "ends_at") {
        errors.push(FieldError::at("/ends_at", "missing", "Say until when."));
    }
    let ticked = |name: &str| {
        form.values
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    let groups = ticked("groups")
        .iter()
        .map(|group| group.parse())
        .collect::<Result<_, _>>();
    let tiers = ticked("tiers")
        .iter()
        .map(|tier| tier.parse())
        .collect::<Result<_, _>>();
    match (to, ends_at, groups, tiers) {
        (Some(to), Some(ends_at), Ok(groups), Ok(tiers)) if errors.is_empty() => Ok(DelegationInput {
            to,
            starts_at,
            ends_at,
            reason: form.value("reason").unwrap_or_default().to_owned(),
            scope: DelegationScope { groups, tiers },
        }),
        (_, _, groups, tiers) => {
            if groups.is_err() {
                errors.push(FieldError::at("/groups", "unknown", "Choose from the groups."));
            }
            if tiers.is_err() {
                errors.push(FieldError::at("/tiers", "unknown", "Choose from the tiers."));
            }
            Err(errors)
        }
    }
}

/// `2026-11-25T08:00`, as `datetime-local` sends it, taken as UTC; some browsers add seconds.
fn instant(form: &Submission, name: &str) -> Result<Option<Instant>, FieldError> {
    let typed = form.value(name).unwrap_or_default().trim();
    if typed.is_empty() {
        return Ok(None);
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(typed, form).ok())
        .map(|naive| Some(naive.and_utc()))
        .ok_or_else(|| {
            FieldError::at(
                &format!("/{name}"),
                "unreadable",
                "Write day and time in UTC, as in 2026-11-25T08:00.",
            )
        })
}
