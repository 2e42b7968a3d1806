//! Tiers by how strict they are among those of the policy in force.

use service::{Service, ServiceError, caller::PersonCaller};

use crate::component::badge::TierView;

/// The ranks of the policy in force.
pub(crate) struct Tiers(Vec<u32>);

impl Tiers {
    /// As this node has them in memory. Errors where no policy can be read.
    pub(crate) fn of(service: &Service, caller: &PersonCaller) -> Result<Self, ServiceError> {
        let policy = service.policy(caller)?;
        Ok(Self(policy.tiers().iter().map(|tier| tier.rank).collect()))
    }

    /// A tier by name and rank. It may be of an older policy version: its rank still says how strict it was.
    pub(crate) fn view(&self, name: impl ToString, rank: u32) -> TierView {
        let place = self.0.iter().filter(|other| **other < rank).count();
        TierView::by_place(name.to_string(), place, self.0.len())
    }
}
