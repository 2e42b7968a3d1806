//! What a renewal is offered with, and what renews what.

use super::known::counts;
use crate::caller::PersonCaller;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::id::OptOutId;
use domain::opt_out::{Lineage, OptOut, OptOutState};
use domain::role::Permission;
use domain::window::Instant;
use store::opt_outs::{Stored, Use};

/// How many uses are shown beside the form.
const SHOWN_USES: i64 = 5;

/// Another opt-out of the same line.
#[derive(Debug, Clone)]
pub struct Relative {
    /// Which.
    pub id: OptOutId,
    /// Its title.
    pub title: String,
    /// Its state now.
    pub state: OptOutState,
}

/// What the form of a renewal begins with.
#[derive(Debug, Clone)]
pub struct RenewalOffer {
    /// What is renewed.
    pub parent: OptOut,
    /// Its state now.
    pub state: OptOutState,
    /// What the renewal would come from.
    pub lineage: Lineage,
    /// How many decisions the one before applied to.
    pub uses_total: i64,
    /// How many of them came out otherwise by it.
    pub uses_changed: i64,
    /// The newest.
    pub uses: Vec<Use>,
}

impl Relative {
    pub(super) fn of(stored: &Stored, now: Instant) -> Self {
        Self {
            id: stored.opt_out.id,
            title: stored.opt_out.title.clone(),
            state: stored.opt_out.state_at(now, stored.uses),
        }
    }
}

impl Service {
    /// What a renewal of this opt-out would begin with. Errors where it cannot be renewed, with the reason.
    pub async fn offer_renewal(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
    ) -> Result<RenewalOffer, ServiceError> {
        caller.authorise(Permission::Request)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let pool = self.store().pool();
        let parent = store::opt_outs::find(pool, id)
            .await?
            .filter(|stored| self.sees_opt_out(caller, &loaded, stored))
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        let renewals = store::opt_outs::renewals_of(pool, id).await?;
        let lineage = line(&loaded, &parent, &renewals, now)?;
        let (uses_total, uses_changed) = store::opt_outs::use_counts(pool, id).await?;
        Ok(RenewalOffer {
            state: parent.opt_out.state_at(now, parent.uses),
            lineage,
            uses_total,
            uses_changed,
            uses: store::opt_outs::recent_uses(pool, id, SHOWN_USES).await?,
            parent: parent.opt_out,
        })
    }
}

/// What a renewal would come from. Errors where there can be none.
pub(super) fn line(
    loaded: &Loaded,
    parent: &Stored,
    renewals: &[Stored],
    now: Instant,
) -> Result<Lineage, ServiceError> {
    let refused = |why: String| ServiceError::Conflict {
        code: "not_renewable",
        why,
    };
    if renewals.iter().any(|renewal| counts(renewal, now)) {
        return Err(refused("It was renewed already.".to_owned()));
    }
    let scenario = loaded
        .policy()?
        .scenario(&parent.opt_out.scenario)
        .ok_or_else(|| refused("Its case is no longer in the catalogue.".to_owned()))?;
    parent
        .opt_out
        .next_of_line(scenario, now, parent.uses)
        .map_err(|error| refused(super::fields::sentence(&error)))
}
