//! What the form of a renewal begins with: everything that the one before said, but its reason.

use domain::opt_out::{OptOut, Premise, Recurrence, halved};
use service::opt_outs::RenewalOffer;

use crate::opt_outs::{
    scope_text::{principal_text, resource_text},
    view::RenewalView,
    words::used,
};

/// The offer as the form shows it.
pub(super) fn renewal(offer: RenewalOffer) -> RenewalView {
    let parent = &offer.parent;
    RenewalView {
        id: parent.id.to_string(),
        title: parent.title.clone(),
        state: offer.state,
        reason: parent.reason.clone(),
        generation: offer.lineage.generation,
        first_started_at: offer.lineage.first_started_at,
        must_end_by: offer.lineage.must_end_by,
        longest_secs: halved(parent.window.length_secs(), 1),
        ends_at: parent.window.ends_at(),
        uses_total: offer.uses_total,
        uses_changed: offer.uses_changed,
        uses: offer.uses.iter().map(used).collect(),
        values: values(parent),
    }
}

/// The form's fields, as a browser would send them. No length: half of what the one before lasted is what it gets then.
fn values(parent: &OptOut) -> Vec<(String, String)> {
    let details = &parent.details;
    let one = |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), value));
    let scope = &parent.scope;
    let capabilities: Vec<String> = scope
        .capabilities
        .iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    let lists = scope
        .principals
        .iter()
        .flatten()
        .map(|selector| ("scope.principals", principal_text(selector)))
        .chain(
            scope
                .resources
                .iter()
                .flatten()
                .map(|selector| ("scope.resources", resource_text(selector))),
        )
        .chain(scope.rules.iter().map(|rule| ("scope.rules", rule.to_string())))
        .map(|(name, value)| (name.to_owned(), value));
    // The hours stay, and so do their days and their zone. Its times are over: only the zone of those is offered again.
    let hours = parent.recurrence.as_ref();
    let zone = hours.map(Recurrence::zone).or(parent.zone.as_ref());
    let days = hours.map(Recurrence::days).into_iter().flatten();
    let lists = lists.chain(days.map(|day| ("hours.days".to_owned(), day.as_str().to_owned())));
    [
        one("zone", zone.map(ToString::to_string)),
        one("hours.from", hours.map(|hours| hours.from().to_string())),
        one("hours.until", hours.map(|hours| hours.until().to_string())),
        one("renews", Some(parent.id.to_string())),
        one("scenario", Some(parent.scenario.to_string())),
        one("direction", Some(parent.direction.as_str().to_owned())),
        one("title", Some(parent.title.clone())),
        one("scope.capabilities", Some(capabilities.join(", "))),
        one("ticket", parent.ticket.clone()),
        one("max_uses", parent.max_uses.map(|most| most.to_string())),
        one("details.incident_id", details.incident_id.clone()),
        one(
            "details.data_classification",
            details.data_classification.map(|word| word.as_str().to_owned()),
        ),
        one(
            "details.compensating_control",
            details.compensating_control.clone(),
        ),
    ]
    .into_iter()
    .flatten()
    .chain(lists)
    .chain(parent.conditions.premise.iter().flat_map(premise))
    .collect()
}

/// Its premise as one would type it: the renewal stands on the same.
fn premise(premise: &Premise) -> Vec<(String, String)> {
    let (of, name, value) = match premise {
        Premise::Attribute { of, name, is } => (Some(of), Some(name.as_str()), Some(is.as_str())),
        // What it says now is what it has to keep saying.
        Premise::DigestUnchanged { of, name, .. } => (Some(of), Some(name.as_str()), None),
        Premise::IncidentOpen { incident } => (None, None, Some(incident.as_str())),
        Premise::TicketOpen { ticket, .. } => (None, None, Some(ticket.as_str())),
    };
    [
        Some(("premise.kind", premise.kind().to_owned())),
        of.map(|of| ("premise.of", of.to_string())),
        name.map(|name| ("premise.name", name.to_owned())),
        value.map(|value| ("premise.value", value.to_owned())),
    ]
    .into_iter()
    .flatten()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
