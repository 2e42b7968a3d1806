//! Whoever decides in another's place is told what the other is told of, to decide.

use super::Subject;
use crate::ServiceError;
use crate::approvals::{ActsAs, Standpoint, standpoint};
use crate::snapshot::Loaded;
use domain::name::PersonId;
use domain::window::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;

impl Subject {
    /// Those who could vote on it now, in the place of somebody else.
    pub(in crate::notices) async fn deputies(
        &self,
        tx: &mut Tx,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<BTreeSet<PersonId>, ServiceError> {
        let (plan, excluded, votes, tier) = match self {
            Self::AccessRequest(request, votes) => (&request.plan, &request.excluded, votes, &request.tier),
            Self::OptOut(stored, votes) if stored.opt_out.is_before_approvers(now, stored.uses) => {
                (&stored.plan, &stored.excluded, votes, &stored.opt_out.tier)
            }
            Self::OptOut(..) | Self::Grant(..) | Self::PostReview(..) | Self::Client(_) => {
                return Ok(BTreeSet::new());
            }
        };
        let mut by_deputy: BTreeMap<PersonId, Vec<_>> = BTreeMap::new();
        for delegation in store::delegations::active(tx.conn(), now).await? {
            by_deputy
                .entry(delegation.to.clone())
                .or_default()
                .push(delegation);
        }
        Ok(by_deputy
            .into_iter()
            .filter(|(deputy, delegations)| {
                let voter = ActsAs::new(loaded.electors(), deputy, delegations.clone(), now).voter(tier);
                matches!(
                    standpoint(plan, excluded, votes, voter, now),
                    (Standpoint::MayVote, Some(_))
                )
            })
            .map(|(deputy, _)| deputy)
            .collect())
    }
}
