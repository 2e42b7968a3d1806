//! From what the use cases say to what the page shows. On the server alone.

use domain::{approval::Approver, window::Instant};
use service::{
    Service, ServiceError,
    break_glass::{BreakGlassOffer, BreakGlassTerms, Refused},
    caller::PersonCaller,
};

use super::{
    input::{Typed, read_form},
    view::{BreakGlassFormView, InitialView, TermsView},
};
use crate::{
    component::{
        field::Choice,
        time::{absolute, length},
    },
    error::AppError,
    form::Submission,
    requests::words::{listed, wish_title},
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
        once: service.form_key(),
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
        chosen: match offer.refused.as_slice() {
            // The one that it began with comes first; and where there is but one, there is nothing to choose.
            [first, ..] if offer.decision.is_some() && offer.not_opened.is_none() => {
                first.decision.id.to_string()
            }
            [only] => only.decision.id.to_string(),
            _ => String::new(),
        },
        refused: offer
            .refused
            .iter()
            .map(|refused| choice(refused, &names, offer.now))
            .collect(),
        not_opened: offer.not_opened.clone(),
    }
}

/// "Admin on payments-prod for Jonas Weber", and when, at which tier, bound to what, kept by which rule.
fn choice(refused: &Refused, names: &Names, now: Instant) -> Choice {
    let input = &refused.decision.input;
    let wish = wish_title(
        input.capability.as_str(),
        &input.resource.kind,
        &input.resource.id,
    );
    let bound = refused.tier.binding_context.iter().map(|key| {
        let sent = input.asserted.get(key).or_else(|| input.evidence.get(key));
        match sent {
            Some(value) => format!(
                "{key} {}",
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            ),
            None => format!("no {key}"),
        }
    });
    let rules = refused.rules.iter().map(ToString::to_string);
    let note: Vec<String> = std::iter::once(format!("refused {}", absolute(refused.decision.at, now, 0)))
        .chain(std::iter::once(refused.tier.name.to_string()))
        .chain(bound)
        .chain(std::iter::once(format!("kept by {}", listed(rules, "and"))))
        .collect();
    Choice::new(
        refused.decision.id.to_string(),
        format!("{wish} for {}", names.principal(&input.principal)),
    )
    .with_note(note.join(" · "))
}

/// A form that was sent, for a look at what it would come to.
pub(super) fn typed(values: Vec<(String, String)>) -> Result<Typed, AppError> {
    let submission = Submission {
        values,
        ..Submission::default()
    };
    read_form(&submission).map_err(|errors| {
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
