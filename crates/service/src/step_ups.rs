//! Fresh sign-ins for votes: begun when a vote asks for one, proved when its person comes back from the provider. The vote
//! itself looks whether it is the one; see `approvals::evidence`.

use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::digest::Digest;
use domain::id::StepUpId;
use domain::role::Permission;
use domain::step_up::{ProofError, StepUp, VotedOn, Vouched};

/// How long one is kept that no vote came of, in hours.
const KEPT_HOURS: i64 = 24;
/// How long somebody may take at the provider, in seconds.
const LONGEST_AWAY_SECS: i64 = 15 * 60;

/// Why somebody who came back from the provider has proved nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// There is no such step-up, or it was begun too long ago.
    #[error("no step-up of this id is under way")]
    Unknown,
    /// What the provider vouches for is not enough.
    #[error(transparent)]
    Refused(#[from] ProofError),
    /// The database.
    #[error("the step-up could not be read or written")]
    Service(#[from] ServiceError),
}

impl Service {
    /// Begins one for a vote of the caller on what they were shown.
    pub async fn begin_step_up(
        &self,
        caller: &PersonCaller,
        item: VotedOn,
        verdict: Verdict,
        shown: Digest,
    ) -> Result<StepUpId, ServiceError> {
        caller.authorise(Permission::Vote)?;
        let now = self.checked_now()?;
        let id = StepUpId::from_uuid(self.ids().next(now));
        let step_up = StepUp {
            id,
            vote: crate::approvals::intended(caller, item, verdict, shown),
            begun_at: now,
            proof: None,
        };
        store::step_ups::insert(self.store().pool(), &step_up).await?;
        Ok(id)
    }

    /// Adds what the identity provider vouches for, whose token was verified by the caller. `wanted` names the
    /// authentication contexts that will do; empty means any.
    pub async fn prove_step_up(
        &self,
        id: StepUpId,
        vouched: Vouched,
        wanted: &[String],
    ) -> Result<(), ProveError> {
        let now = self.now();
        let pool = self.store().pool();
        let step_up = store::step_ups::find(pool, id)
            .await
            .map_err(ServiceError::from)?
            .filter(|step_up| now - step_up.begun_at <= TimeDelta::seconds(LONGEST_AWAY_SECS))
            .ok_or(ProveError::Unknown)?;
        let proof = step_up
            .prove(vouched, wanted, now)?
            .proof
            .ok_or(ProveError::Unknown)?;
        let added = store::step_ups::prove(pool, id, &proof)
            .await
            .map_err(ServiceError::from)?;
        added
            .then_some(())
            .ok_or(ProveError::Refused(ProofError::ProvedAlready))
    }

    /// Throws away those that no vote came of; how many.
    pub async fn forget_old_step_ups(&self) -> Result<u64, ServiceError> {
        let before = self.checked_now()? - TimeDelta::hours(KEPT_HOURS);
        Ok(store::step_ups::delete_unused(self.store().pool(), before).await?)
    }
}
