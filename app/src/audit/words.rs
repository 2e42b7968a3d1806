//! Use cases' answers as what the pages show.

use std::collections::BTreeMap;

use domain::{digest::Digest, opt_out::OptOut, role::Permission};
use serde_json::Value;
use service::{
    Service,
    audit::{DecisionExplained, Event, EventDetail, EventList, LedgerPlace, Replayed, RuleSaid, Said},
    caller::PersonCaller,
    decisions::DecisionList,
};

use super::{
    actors::Actors,
    order::newest_first,
    sentence::{Sentence, sentence},
    view::{
        AppliedView, DecisionRow, DecisionView, DecisionsView, EnforcementView, EventRow, EventView,
        EventsView, ObjectView, PlaceView, ReplayView, RuleView, SaidView, TodayView,
    },
};
use crate::{
    error::AppError,
    server_side::{Names, Tiers},
};

/// A page of the log.
pub(super) fn events(service: &Service, list: EventList) -> EventsView {
    let actors = Actors::of(service);
    EventsView {
        rows: newest_first(&list.events)
            .into_iter()
            .map(|event| row(event, &actors))
            .collect(),
        next: list.next.map(|id| id.to_string()),
        now: list.now,
    }
}

/// One event whole.
pub(super) fn event(service: &Service, found: EventDetail) -> EventView {
    let event = &found.event;
    let body = serde_json::from_slice::<Value>(&event.body).ok();
    let bound = body.as_ref().and_then(|body| body.get("bound"));
    let text = |pointer| bound?.pointer(pointer)?.as_str();
    EventView {
        signed_in: text("/signed_in/auth_time")
            .and_then(|at| at.parse().ok())
            .map(|at| (at, text("/signed_in/acr").map(str::to_owned))),
        shown: text("/shown").map(|digest| format!("sha256:{digest}")),
        row: row(event, &Actors::of(service)),
        actor: (event.actor_kind.clone(), event.actor_id.clone()),
        correlation: event.correlation.to_string(),
        policy_digest: event.policy_digest.as_ref().map(named),
        body: body.as_ref().map(indented),
        salt: hex(&event.salt),
        place: place(&event.leaf_hash, found.place),
        now: found.now,
    }
}

/// A page of decisions.
pub(super) fn decisions(
    service: &Service,
    caller: &PersonCaller,
    list: DecisionList,
) -> Result<DecisionsView, AppError> {
    let (names, tiers) = (Names::of(service), Tiers::of(service, caller)?);
    Ok(DecisionsView {
        rows: list
            .decisions
            .into_iter()
            .map(|each| DecisionRow {
                id: each.id.to_string(),
                at: each.at,
                words: format!(
                    "{} {} {}",
                    names.principal(&each.principal),
                    each.capability,
                    each.resource.id
                ),
                tier: tiers.named(&each.tier),
                base: each.base,
                effective: each.effective,
                answer: each.answer,
                by_grant: each.grant.is_some(),
            })
            .collect(),
        next: list.next.map(|id| id.to_string()),
        now: list.now,
    })
}

/// One decision explained.
pub(super) fn decision(
    service: &Service,
    caller: &PersonCaller,
    found: DecisionExplained,
) -> Result<DecisionView, AppError> {
    let tiers = Tiers::of(service, caller)?;
    let decision = found.decision;
    let (input, evaluation) = (decision.input, decision.evaluation);
    let request =
        serde_json::from_str::<Value>(&found.request).map_or(found.request, |request| indented(&request));
    Ok(DecisionView {
        id: decision.id.to_string(),
        enforcement: found.enforcement.map(|report| EnforcementView {
            done: report.done,
            deviation: report.done.deviation(evaluation.answer),
            at: report.done_at,
            note: report.note,
        }),
        may_break_glass: !evaluation.answer && caller.may(Permission::BreakGlass),
        at: decision.at,
        policy_digest: named(&decision.policy_digest),
        generation: decision.generation,
        engine: found.engine,
        principal_kind: input.principal.kind,
        principal: input.principal.id,
        capability: input.capability.to_string(),
        resource: (input.resource.kind, input.resource.id),
        client: found
            .client
            .or_else(|| input.client.map(|client| client.to_string())),
        asserted: pairs(&input.asserted),
        evidence: pairs(&input.evidence),
        tier: tiers.named(&evaluation.tier),
        rules: found.rules.into_iter().map(rule).collect(),
        base: evaluation.base,
        applied: evaluation
            .applied
            .iter()
            .map(|each| {
                let then: Option<&OptOut> = found.applied.iter().find(|opt_out| opt_out.id == each.opt_out);
                AppliedView {
                    id: each.opt_out.to_string(),
                    title: then.map(|opt_out| opt_out.title.clone()),
                    revision: each.revision,
                    direction: each.direction,
                    rules: each.rules.iter().map(ToString::to_string).collect(),
                    credited: each.credited,
                    ends_at: then.map(|opt_out| opt_out.window.ends_at()),
                }
            })
            .collect(),
        effective: evaluation.effective,
        answer: evaluation.answer,
        reason: evaluation.reason,
        grant: evaluation
            .grant
            .map(|grant| (grant.to_string(), evaluation.grant_ends_at)),
        today: found.today.map(|today| TodayView {
            base: today.base,
            effective: today.effective,
            answer: today.answer,
        }),
        replay: match found.replayed {
            Replayed::Same => ReplayView::Same,
            Replayed::Differs => ReplayView::Differs,
            Replayed::Impossible(why) => ReplayView::Impossible(why),
        },
        request,
        place: place(&found.leaf_hash, found.place),
        now: found.now,
    })
}

fn row(event: &Event, actors: &Actors) -> EventRow {
    let Sentence { who, did } = sentence(event, actors);
    EventRow {
        id: event.id.to_string(),
        kind: event.kind,
        at: event.at,
        who,
        did,
        object: object(&event.object_kind, &event.object_id),
    }
}

fn object(kind: &str, id: &str) -> ObjectView {
    let href = match kind {
        "opt_out" => Some(format!("/opt-outs/{id}")),
        "access_request" => Some(format!("/requests/{id}")),
        "decision" => Some(format!("/audit/decisions/{id}")),
        "post_review" => Some(format!("/post-reviews/{id}")),
        "policy" => Some("/policies".to_owned()),
        _ => None,
    };
    let kind = match kind {
        "opt_out" => "opt-out".to_owned(),
        "post_review" => "post-review".to_owned(),
        other => other.replace('_', " "),
    };
    ObjectView {
        kind,
        id: id.to_owned(),
        href,
    }
}

fn rule(said: RuleSaid) -> RuleView {
    let words = said
        .description
        .unwrap_or_else(|| "This rule is not in the policy version at hand.".to_owned());
    let (did, words) = match said.said {
        Said::Failed(message) => (SaidView::Failed, format!("{message}. {words}")),
        Said::Forbids if !said.taken_out_by.is_empty() => (SaidView::TakenOut, words),
        Said::Forbids => (SaidView::Forbids, words),
        Said::Permits => (SaidView::Permits, words),
    };
    RuleView {
        id: said.rule.to_string(),
        question: said.question,
        said: did,
        words,
    }
}

fn place(leaf_hash: &[u8; 32], place: LedgerPlace) -> PlaceView {
    PlaceView {
        leaf_hash: format!("sha256:{}", hex(leaf_hash)),
        index: place.index,
        checkpoint: place.checkpoint,
    }
}

fn named(digest: &Digest) -> String {
    format!("sha256:{digest}")
}

fn hex(bytes: &[u8; 32]) -> String {
    Digest::from_bytes(*bytes).to_string()
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn pairs(values: &BTreeMap<String, Value>) -> Vec<(String, String)> {
    values
        .iter()
        .map(|(key, value)| {
            (
                key.clone(),
                value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_page_is_linked() {
        assert_eq!(
            object("opt_out", "opt_1").href.as_deref(),
            Some("/opt-outs/opt_1")
        );
        assert_eq!(object("access_request", "req_1").kind, "access request");
        assert_eq!(object("client", "cli_1").href, None);
    }
}
