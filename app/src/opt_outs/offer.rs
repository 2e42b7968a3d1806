//! What the request form offers, and what would come of it.

mod consequence;
mod renewal;
mod suggestions;

use domain::{opt_out::Direction, role::Permission};
use service::{Service, caller::PersonCaller, drafts::Draft};

use super::{
    input,
    view::{DraftView, PreviewView, RequestFormView, RuleChoice, ScenarioView},
};
use crate::{error::AppError, form::Submission};

/// Everything to choose from, by the policy and the directory in force. Errors: the caller may not ask for opt-outs.
pub(super) async fn form(
    service: &Service,
    caller: &PersonCaller,
    renew: &str,
) -> Result<RequestFormView, AppError> {
    caller.authorise(Permission::Request)?;
    let renewal = if renew.is_empty() {
        None
    } else {
        let id = renew.parse().map_err(|_| crate::server_side::not_found())?;
        Some(renewal::renewal(service.offer_renewal(caller, id).await?))
    };
    let policy = service.policy(caller)?;
    let held = service.snapshots().current();
    let (principals, resources) = suggestions::suggestions(held.directory());
    let (open, closed): (Vec<_>, Vec<_>) = policy
        .rules()
        .iter()
        .partition(|rule| rule.exemptible.by_bypass());
    let covering = |rule: &domain::name::RuleId| {
        policy
            .scenarios()
            .iter()
            .filter(|case| case.directions.contains(&Direction::Bypass))
            .filter(|case| case.rules.contains(rule))
            .map(|case| case.name.clone())
            .collect()
    };
    let fewest = policy.tiers().iter().map(|tier| tier.reason_min_chars);
    Ok(RequestFormView {
        once: service.form_key(),
        scenarios: policy
            .scenarios()
            .iter()
            .map(|case| ScenarioView {
                id: case.id.to_string(),
                name: case.name.clone(),
                guidance: case.guidance.clone(),
                directions: case.directions.clone(),
                default_secs: case.length.default_secs,
                longest_secs: case.length.longest_secs,
                ticket_required: case.ticket_required,
                ticket_message: case.ticket_form.as_ref().map(|form| form.message.clone()),
                required: case.required.clone(),
                max_uses: case.max_uses,
            })
            .collect(),
        rules: open
            .into_iter()
            .map(|rule| RuleChoice {
                id: rule.id.to_string(),
                words: rule.description.clone(),
                scenarios: covering(&rule.id),
            })
            .collect(),
        closed_rules: closed
            .into_iter()
            .filter(|rule| rule.effect == domain::rule::Effect::Forbid)
            .map(|rule| rule.id.to_string())
            .collect(),
        principals,
        resources,
        tickets: service.reach().tickets,
        reason_min_chars: (fewest.clone().min().unwrap_or(0), fewest.max().unwrap_or(0)),
        zone: service.notice_settings(caller).await?.preferences.zone,
        renewal,
        draft: service.draft(caller).await?.map(draft),
        now: service.now(),
    })
}

fn draft(draft: Draft) -> DraftView {
    let field = |wanted: &str| {
        draft
            .fields
            .iter()
            .find(|(name, value)| name == wanted && !value.trim().is_empty())
            .map(|(_, value)| value.trim().to_owned())
    };
    DraftView {
        title: field("title").unwrap_or_default(),
        renews: field("renews"),
        saved_at: draft.saved_at,
        values: draft.fields,
    }
}

/// What would happen, or what is wrong with the form so far.
pub(super) async fn preview(
    service: &Service,
    caller: &PersonCaller,
    values: Vec<(String, String)>,
) -> Result<PreviewView, AppError> {
    let typed = Submission {
        values,
        errors: Vec::new(),
        intent: "preview".to_owned(),
    };
    let errors = match input::read_request(&typed) {
        Ok(wanted) => match service.preview_opt_out(caller, &wanted).await {
            Ok(found) => {
                let found = consequence::consequence(service, caller, found)?;
                return Ok(PreviewView::Ready(Box::new(found)));
            }
            Err(error) => input::refused(error)?,
        },
        Err(errors) => errors,
    };
    // Whatever is missing elsewhere, a scope that can be read is counted.
    let so_far = match input::read_scope(&typed) {
        Some(scope) => service.forecast_scope(caller, &scope).await?,
        None => None,
    };
    let so_far = so_far.map(|found| consequence::so_far(service, caller, found));
    Ok(PreviewView::NotYet(errors, so_far.transpose()?))
}
