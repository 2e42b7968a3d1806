//! Replaying a decision: the same input under the same policy, entities, opt-outs and grants gives the same outcome.

use super::Record;
use super::read::record_of;
use crate::snapshot::{EntityVersion, directory_of};
use crate::{Service, ServiceError};
use domain::decision::Evaluation;
use domain::directory::DirectoryErrors;
use domain::grant::Grant;
use domain::id::DecisionId;
use domain::opt_out::{OptOut, OptOutState};
use policy::{DirectoryView, Snapshot, Uses, Without};
use std::sync::Arc;

/// A decision beside its replay.
#[derive(Debug)]
pub struct Replay {
    /// What was recorded.
    pub recorded: Evaluation,
    /// What comes out now.
    pub replayed: Evaluation,
}

impl Replay {
    /// Whether tier, matches, outcomes, opt-outs, grant and answer are all the same.
    pub fn agrees(&self) -> bool {
        self.recorded == self.replayed
    }
}

/// Why a decision cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Something it was made from is no longer stored.
    #[error("{what} is no longer stored")]
    Gone {
        /// What.
        what: String,
    },
    /// The entity versions do not make a directory.
    #[error("the recorded entities do not fit together")]
    Entities(#[source] DirectoryErrors),
    /// The recorded policy version is refused by this program.
    #[error("the recorded policy and directory do not fit this program")]
    Policy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The decision or what belongs to it cannot be read.
    #[error("the decision cannot be read")]
    Service(#[from] ServiceError),
}

impl From<store::StoreError> for ReplayError {
    fn from(error: store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl Service {
    /// Evaluates a recorded decision again, from its record alone.
    pub async fn replay(&self, id: DecisionId) -> Result<Replay, ReplayError> {
        let stored = store::decisions::find(self.store().pool(), id)
            .await?
            .ok_or(ServiceError::NotFound { what: "decision" })?;
        let record = record_of(&stored)?;
        let decision = &record.decision;
        let policy = self.policy_version(&decision.policy_digest).await?;
        let directory = directory_of(self.entity_versions(&record).await?).map_err(ReplayError::Entities)?;
        let view = DirectoryView::new(&policy, Arc::new(directory))
            .map_err(|error| ReplayError::Policy(Box::new(error)))?;
        let mut builder = Snapshot::builder(decision.generation, policy, Arc::new(view));
        for (opt_out, revision) in &decision.evaluation.considered {
            let body = store::opt_outs::revision(self.store().pool(), *opt_out, *revision)
                .await?
                .ok_or_else(|| ReplayError::Gone {
                    what: format!("revision {revision} of {opt_out}"),
                })?;
            // Considered means in force: a revision does not know what became of it later, and it had uses left.
            let in_force = OptOut {
                state: OptOutState::Active,
                ..body
            };
            builder = builder.opt_out(Arc::new(in_force), Uses::new(0));
        }
        // Incidents and tickets have no versions, and what a premise reads need not be what was asked about.
        for read in &decision.evaluation.premises {
            builder = builder.reading(read.opt_out, read.reading.clone());
        }
        for id in &record.grants {
            let grant = store::grants::find(self.store().pool(), *id)
                .await?
                .ok_or_else(|| ReplayError::Gone { what: id.to_string() })?;
            builder = builder.grant(Arc::new(as_it_stood(grant)));
        }
        let snapshot = builder
            .build()
            .map_err(|error| ReplayError::Policy(Box::new(error)))?;
        let replayed = policy::evaluate(&snapshot, &decision.input, decision.at, &Without::nothing());
        Ok(Replay {
            replayed,
            recorded: record.decision.evaluation,
        })
    }

    async fn entity_versions(&self, record: &Record) -> Result<Vec<EntityVersion>, ReplayError> {
        let found = store::decisions::entity_versions(self.store().pool(), &record.entities).await?;
        record
            .entities
            .iter()
            .map(|digest| {
                let body = found.get(digest).ok_or_else(|| ReplayError::Gone {
                    what: format!("entity version {digest}"),
                })?;
                serde_json::from_value(body.clone()).map_err(|error| ServiceError::internal(error).into())
            })
            .collect()
    }
}

/// The grant as the decision's snapshot held it: without an early end, since only standing grants are in one.
fn as_it_stood(grant: Grant) -> Grant {
    Grant { ended: None, ..grant }
}
