//! A policy enforcement point reports what it has really done.

use crate::caller::ClientCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::{FieldError, Service, ServiceError};
use chrono::TimeDelta;
use domain::enforcement::{Done, Enforcement, LONGEST_NOTE};
use domain::event::EventKind;
use domain::id::DecisionId;
use domain::name::is_one_line;
use domain::window::{Instant, to_micros};
use std::collections::BTreeSet;

/// By how much a client's clock may differ from ours.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// What a client reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnforcementInput {
    /// Of which decision.
    pub decision: DecisionId,
    /// What was done.
    pub done: Done,
    /// When; absent: now.
    pub done_at: Option<Instant>,
    /// What it adds.
    pub note: String,
}

impl Service {
    /// Records a report, once per decision. Says whether it is new: the same again is answered by the first one.
    pub async fn report_enforcement(
        &self,
        caller: &ClientCaller,
        input: &EnforcementInput,
    ) -> Result<(Enforcement, bool), ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let authorised = caller.authorise(&loaded)?;
        let decision = self
            .client_decision(caller, input.decision)
            .await?
            .ok_or(ServiceError::NotFound { what: "decision" })?;
        let mut errors = Vec::new();
        let done_at = input.done_at.map(to_micros);
        if done_at.is_some_and(|at| at > now + SKEW) {
            errors.push(FieldError::new("at", "in_the_future", "It is still to come."));
        }
        if done_at.is_some_and(|at| at < decision.at - SKEW) {
            errors.push(FieldError::new(
                "at",
                "before_the_decision",
                "It is before the decision.",
            ));
        }
        let note = input.note.trim();
        if !is_one_line(note) || note.chars().count() > LONGEST_NOTE {
            errors.push(FieldError::new(
                "note",
                "unreadable",
                format!("A note stands on one line and has at most {LONGEST_NOTE} characters."),
            ));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let mut report = Enforcement {
            decision: input.decision,
            client: caller.client.id,
            done: input.done,
            done_at: done_at.unwrap_or(now),
            note: note.to_owned(),
            reported_at: now,
        };
        let mut tx = self.begin().await?;
        if store::enforcements::insert(&mut tx, &report).await? {
            let draft = event(&report, decision.evaluation.answer);
            finish(self, tx, authorised, vec![draft], Effect::None, now).await?;
            return Ok((report, true));
        }
        let first = store::enforcements::find(tx.conn(), input.decision)
            .await?
            .ok_or_else(|| ServiceError::internal("a report that is there is not there"))?;
        if done_at.is_none() {
            // Without an instant of its own it is the same whenever it is sent.
            report.done_at = first.done_at;
        }
        if first.says_the_same(&report) {
            Ok((first, false))
        } else {
            Err(ServiceError::Conflict {
                code: "reported_otherwise",
                why: format!("This decision was reported as {} already.", first.done.as_str()),
            })
        }
    }
}

fn event(report: &Enforcement, answer: bool) -> EventDraft {
    let decision = report.decision.to_string();
    EventDraft {
        kind: EventKind::EnforcementReported,
        object_kind: "decision",
        object_id: decision.clone(),
        refs: BTreeSet::from([decision]),
        policy_digest: None,
        body: serde_json::json!({
            "enforcement": report, "answer": answer, "deviation": report.done.deviation(answer),
        }),
    }
}
