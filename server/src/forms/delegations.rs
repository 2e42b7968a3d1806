//! The forms of delegations: lend one's votes, end that.

use app::form::{FieldError, Submission};
use app::local_times::{local, zone};
use domain::approval::DelegationScope;
use domain::id::DelegationId;
use domain::name::PersonId;
use domain::zone::Zone;
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
    let there = zone(form).unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    let there = there.unwrap_or_else(Zone::utc);
    let mut keep = |name: &str| {
        local(form, name, &there).unwrap_or_else(|error| {
            errors.push(error);
            None
        })
    };
    // Of a time that clocks show twice, the one by which less is lent.
    let starts_at = keep("starts_at").map(|start| start.last());
    let ends_at = keep("ends_at").map(|end| end.first());
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
