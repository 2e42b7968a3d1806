//! What is wrong with the fields of an opt-out, each beside its name.

use super::prepare::OptOutInput;
use crate::FieldError;
use crate::snapshot::Loaded;
use domain::name::visible_chars;
use domain::opt_out::{DetailError, Limits};
use domain::scenario::Scenario;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use domain::tier::Tier;
use domain::window::{Instant, Window};
use policy::PolicyVersion;

/// The longest ticket, in characters.
const LONGEST_TICKET: usize = 64;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 4_000;

/// A sentence from an error that is written as a part of one.
pub(super) fn sentence(error: &impl ToString) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}

/// Names that the directory does not know.
pub(super) fn unknown_names(loaded: &Loaded, scope: &Scope) -> Vec<FieldError> {
    let directory = loaded.directory();
    let mut errors = Vec::new();
    for selector in scope.principals.iter().flatten() {
        let known = match selector {
            PrincipalSelector::Id(principal) => directory.principals.contains_key(principal),
            PrincipalSelector::Group(group) => directory.groups.contains_key(group),
            PrincipalSelector::Team(team) => directory.teams.contains_key(team),
            PrincipalSelector::Kind(_) | PrincipalSelector::Label { .. } => true,
        };
        if !known {
            let name = match selector {
                PrincipalSelector::Id(principal) => principal.to_string(),
                PrincipalSelector::Group(group) => format!("group {group}"),
                PrincipalSelector::Team(team) => format!("team {team}"),
                PrincipalSelector::Kind(kind) => kind.to_string(),
                PrincipalSelector::Label { key, value } => format!("label {key}={value}"),
            };
            errors.push(FieldError::new(
                "scope/principals",
                "unknown",
                format!("There is no {name}."),
            ));
        }
    }
    for selector in scope.resources.iter().flatten() {
        let known = match selector {
            ResourceSelector::Id(resource) => directory.resources.contains_key(resource),
            ResourceSelector::Team(team) => directory.teams.contains_key(team),
            ResourceSelector::Type(kind) => directory.resources.keys().any(|resource| resource.kind == *kind),
            ResourceSelector::Label { .. } => true,
        };
        if !known {
            let name = match selector {
                ResourceSelector::Id(resource) => resource.to_string(),
                ResourceSelector::Team(team) => format!("team {team}"),
                ResourceSelector::Type(kind) => format!("resource of type {kind}"),
                ResourceSelector::Label { key, value } => format!("label {key}={value}"),
            };
            errors.push(FieldError::new(
                "scope/resources",
                "unknown",
                format!("There is no {name}."),
            ));
        }
    }
    errors
}

/// A reason that says too little or too much.
pub(super) fn text_errors(input: &OptOutInput, limits: &Limits, tier: &Tier) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let length = visible_chars(&input.reason);
    if length < limits.reason_min_chars {
        errors.push(FieldError::new(
            "reason",
            "reason_too_short",
            format!(
                "At least {} characters at tier {}; this has {length}.",
                limits.reason_min_chars, tier.name
            ),
        ));
    }
    let whole = input.reason.trim().chars().count();
    if whole > LONGEST_REASON {
        errors.push(FieldError::new(
            "reason",
            "reason_too_long",
            format!("At most {LONGEST_REASON} characters; this has {whole}."),
        ));
    }
    errors
}

/// What the case asks for beside a reason: its ticket and its details.
pub(super) fn case_errors(
    input: &OptOutInput,
    scenario: &Scenario,
    policy: &PolicyVersion,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let ticket = input.ticket.as_deref().map(str::trim).unwrap_or_default();
    let form = scenario.ticket_form.as_ref();
    if ticket.is_empty() && scenario.ticket_required {
        let message = form.map_or_else(
            || "This case needs a ticket.".to_owned(),
            |form| format!("This case needs a ticket. {}", form.message),
        );
        errors.push(FieldError::new("ticket", "ticket_missing", message));
    } else if ticket.chars().count() > LONGEST_TICKET {
        errors.push(FieldError::new(
            "ticket",
            "ticket_too_long",
            format!("A ticket has at most {LONGEST_TICKET} characters."),
        ));
    } else if let Some(form) =
        form.filter(|_| !ticket.is_empty() && !policy.ticket_fits(&scenario.id, ticket))
    {
        errors.push(FieldError::new("ticket", "ticket_form", form.message.clone()));
    }
    let details = input.details.check(scenario, input.direction);
    errors.extend(details.into_iter().map(|(detail, error)| {
        let code = match error {
            DetailError::Missing => "missing",
            DetailError::TooShort(_) => "too_short",
            DetailError::TooLong(_) => "too_long",
            DetailError::Unprintable => "unprintable",
        };
        let message = format!("{}: {error}.", detail.words());
        FieldError::new(format!("details/{}", detail.as_str()), code, message)
    }));
    errors
}

/// From when until when, within the limits.
pub(super) fn window(input: &OptOutInput, limits: &Limits, now: Instant) -> Result<Window, FieldError> {
    // A start a little in the past is somebody who took their time to fill the form in.
    let starts_at = match input.starts_at {
        Some(start) if start < now - chrono::TimeDelta::minutes(15) => {
            return Err(FieldError::new(
                "starts_at",
                "in_the_past",
                "The start is in the past.",
            ));
        }
        Some(start) => start.max(now),
        None => now,
    };
    let ends_at = match (input.ends_at, input.length_secs) {
        (Some(end), _) => Some(end),
        (None, secs) => chrono::TimeDelta::try_seconds(secs.unwrap_or(limits.default_secs))
            .and_then(|length| starts_at.checked_add_signed(length)),
    };
    // What is wrong stands beside the field that was filled in.
    let field = match (input.ends_at, input.length_secs) {
        (None, Some(_)) => "length_secs",
        (Some(_), _) | (None, None) => "ends_at",
    };
    let window = ends_at
        .and_then(|end| Window::new(starts_at, end).ok())
        .ok_or_else(|| FieldError::new(field, "end_before_start", "The end must be after the start."))?;
    limits
        .check_length(&window)
        .map_err(|error| FieldError::new(field, "too_long", sentence(&error)))?;
    Ok(window)
}
