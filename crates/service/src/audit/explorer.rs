//! Why a decision came out as it did, and how it would come out today.

use super::LedgerPlace;
use crate::caller::PersonCaller;
use crate::decisions::ReplayError;
use crate::{Service, ServiceError};
use domain::decision::{Decision, Evaluation};
use domain::enforcement::Enforcement;
use domain::id::{DecisionId, OptOutId};
use domain::name::RuleId;
use domain::opt_out::OptOut;
use domain::rule::Question;
use domain::window::Instant;
use policy::Without;

/// What a matched rule said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It permits.
    Permits,
    /// It forbids.
    Forbids,
    /// It failed, with the engine's message.
    Failed(String),
}

/// One matched rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSaid {
    /// The rule.
    pub rule: RuleId,
    /// The question that it answered.
    pub question: Question,
    /// What it said.
    pub said: Said,
    /// That in a few words: "asks for a person".
    pub words: String,
    /// What the rule is for, as its author put it.
    pub description: Option<String>,
    /// The bypasses that took it out.
    pub taken_out_by: Vec<OptOutId>,
}

/// Whether the record gives the same decision again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// It does.
    Same,
    /// It does not: a defect, or a record that was tampered with.
    Differs,
    /// It cannot be told, and why: something that it was made from is gone.
    Impossible(String),
}

/// A decision with everything that explains it.
#[derive(Debug)]
pub struct DecisionExplained {
    /// The decision.
    pub decision: Decision,
    /// The request as it came, as JSON.
    pub request: String,
    /// The versions of the Cedar engine and of the time zones.
    pub engine: String,
    /// The matched rules, by question.
    pub rules: Vec<RuleSaid>,
    /// The opt-outs that applied, as they were then.
    pub applied: Vec<OptOut>,
    /// The client's name, while it is registered.
    pub client: Option<String>,
    /// What was really done, where the client has said so.
    pub enforcement: Option<Enforcement>,
    /// What the same input comes to now; none where nothing can be decided now.
    pub today: Option<Evaluation>,
    /// What the record comes to.
    pub replayed: Replayed,
    /// The hash of its ledger leaf.
    pub leaf_hash: [u8; 32],
    /// Where the leaf stands.
    pub place: LedgerPlace,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// One decision explained: for who reads the audit log, and for the person whom it is about.
    pub async fn explain_decision(
        &self,
        caller: &PersonCaller,
        id: DecisionId,
    ) -> Result<DecisionExplained, ServiceError> {
        let found = self.decision(caller, id).await?;
        let now = self.now();
        let loaded = self.snapshots().current();
        let decision = found.decision;
        let mut applied = Vec::new();
        for each in &decision.evaluation.applied {
            applied
                .extend(store::opt_outs::revision(self.store().pool(), each.opt_out, each.revision).await?);
        }
        let today = loaded
            .snapshot()
            .ok()
            .map(|snapshot| policy::evaluate(snapshot, &decision.input, now, &Without::nothing()));
        let client = decision.input.client.and_then(|id| {
            loaded
                .clients()
                .find(|client| client.id == id)
                .map(|client| client.name.clone())
        });
        Ok(DecisionExplained {
            request: found.record.request.get().to_owned(),
            engine: found.record.engine,
            rules: found.rules.into_iter().map(said).collect(),
            applied,
            client,
            enforcement: store::enforcements::find(self.store().pool(), id).await?,
            today,
            replayed: self.replayed(id).await?,
            leaf_hash: found.leaf_hash,
            place: self.ledger_place(&found.leaf_hash).await?,
            decision,
            now,
        })
    }

    async fn replayed(&self, id: DecisionId) -> Result<Replayed, ServiceError> {
        match self.replay(id).await {
            Ok(replay) if replay.agrees() => Ok(Replayed::Same),
            Ok(_) => {
                tracing::error!(%id, "a decision does not replay");
                Ok(Replayed::Differs)
            }
            Err(ReplayError::Service(error)) => Err(error),
            Err(error @ (ReplayError::Gone { .. } | ReplayError::Entities(_) | ReplayError::Policy(_))) => {
                Ok(Replayed::Impossible(error.to_string()))
            }
        }
    }
}

fn said(rule: policy::ExplainedRule) -> RuleSaid {
    RuleSaid {
        rule: rule.rule,
        question: rule.question,
        said: match rule.verdict {
            policy::Verdict::Permits => Said::Permits,
            policy::Verdict::Forbids => Said::Forbids,
            policy::Verdict::Failed(message) => Said::Failed(message),
        },
        words: rule.words,
        description: rule.description,
        taken_out_by: rule.taken_out_by,
    }
}
