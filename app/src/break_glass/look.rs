//! From what the use cases say to what the page shows. On the server alone.

use domain::approval::Approver;
use service::{
    Service, ServiceError,
    break_glass::{BreakGlassInput, BreakGlassOffer, BreakGlassTerms},
    caller::PersonCaller,
};

use super::{
    input::read_input,
    view::{BreakGlassFormView, InitialView, TermsView},
};
use crate::{
    component::{field::Choice, time::length},
    error::AppError,
    form::Submission,
    requests::words::listed,
    server_side::{Names, Tiers},
};

/// Lengths to choose from, in seconds.
const LENGTHS: [i64; 5] = [900, 1_800, 3_600, 7_200, 14_400];

/// The form.
pub(super) fn form(service: &Service, offer: &BreakGlassOffer) -> BreakGlassFormView {
    let names = Names::of(service);
    let initial = match &offer.decision {
        Some((decision, breakable)) => InitialView {
            principal: decision.input.principal.to_string(),
            resource: decision.input.resource.to_string(),
            capability: decision.input.capability.to_string(),
            rules: breakable.iter().map(ToString::to_string).collect(),
            nothing_breakable: breakable.is_empty(),
        },
        None => InitialView {
            // Where there is but one, there is nothing to choose.
            rules: match offer.rules.as_slice() {
                [(only, _)] => vec![only.to_string()],
                _ => Vec::new(),
            },
            ..InitialView::default()
        },
    };
    BreakGlassFormView {
        principals: offer
            .principals
            .iter()
            .map(|principal| Choice::new(principal.to_string(), names.principal(principal)))
            .collect(),
        resources: offer.resources.iter().map(ToString::to_string).collect(),
        rules: offer
            .rules
            .iter()
            .map(|(id, words)| Choice::new(id.as_str(), id.as_str()).with_note(words.clone()))
            .collect(),
        lengths: LENGTHS
            .into_iter()
            .filter(|secs| *secs <= offer.terms.longest_secs)
            .map(|secs| Choice::new(secs.to_string(), length(secs)))
            .collect(),
        default_secs: offer.terms.default_secs,
        team: names.team(&offer.team),
        overdue_href: offer.overdue.map(|id| format!("/post-reviews/{id}")),
        initial,
    }
}

/// A form that was sent, for a look at what it would come to.
pub(super) fn typed(values: Vec<(String, String)>) -> Result<BreakGlassInput, AppError> {
    let submission = Submission {
        values,
        ..Submission::default()
    };
    read_input(&submission).map_err(|errors| {
        let first = errors.into_iter().next().map(|error| error.message);
        crate::server_side::bad_request(first.unwrap_or_default())
    })
}

/// What it would come to.
pub(super) fn terms(
    service: &Service,
    caller: &PersonCaller,
    found: BreakGlassTerms,
) -> Result<TermsView, AppError> {
    let (names, now) = (Names::of(service), service.now());
    let tiers = Tiers::of(service, caller)?;
    let ends_at = chrono::TimeDelta::try_seconds(found.length_secs)
        .and_then(|secs| now.checked_add_signed(secs))
        .ok_or_else(|| ServiceError::internal("a length that was judged is out of range"))?;
    Ok(TermsView {
        length_secs: found.length_secs,
        ends_at,
        at_once: found.effect == domain::break_glass::Effect::AtOnce,
        left_secs: found.terms.left_secs,
        tier: tiers.view(&found.tier.name, found.tier.rank),
        skipped: found.skipped.iter().map(|person| names.person(person)).collect(),
        reviewers: approvers(found.reviewers.iter(), &names),
        now,
    })
}

/// "Data owners or Security".
pub(crate) fn approvers<'a>(who: impl Iterator<Item = &'a Approver>, names: &Names) -> String {
    let named: Vec<String> = who.map(|approver| names.approver(approver)).collect();
    if named.is_empty() {
        "nobody: everybody who could is concerned".to_owned()
    } else {
        listed(named.into_iter(), "or")
    }
}
