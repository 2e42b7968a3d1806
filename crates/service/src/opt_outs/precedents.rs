//! How similar opt-outs went, beside one that is to be decided.

use crate::caller::PersonCaller;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::Plan;
use domain::opt_out::{OptOut, OptOutState};
use domain::role::Permission;
use domain::window::Instant;
use store::opt_outs::{SettledCounts, Stored};
use store::votes::{Item, Said};

/// How far back they are counted, in days.
pub const PRECEDENT_DAYS: i64 = 90;

/// How many are shown.
const SHOWN: i64 = 5;

/// How similar ones went.
#[derive(Debug, Clone, Default)]
pub struct Precedents {
    /// The newest of them that the viewer may see, newest first.
    pub similar: Vec<SimilarOptOut>,
    /// How many were decided lately.
    pub counts: SettledCounts,
    /// Who said what about those shown.
    pub said: Vec<Said>,
}

/// Another opt-out of the same kind that was decided.
#[derive(Debug, Clone)]
pub struct SimilarOptOut {
    /// The opt-out.
    pub opt_out: OptOut,
    /// Its state now.
    pub state: OptOutState,
    /// Who decided.
    pub plan: Plan,
}

impl Service {
    /// Others' opt-outs are for those alone who may read everybody's.
    pub(super) async fn opt_out_precedents(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        like: &Stored,
        state: OptOutState,
        now: Instant,
    ) -> Result<Precedents, ServiceError> {
        if !state.is_pending() || !caller.may(Permission::ReadAll) {
            return Ok(Precedents::default());
        }
        let pool = self.store().pool();
        let since = now - chrono::TimeDelta::days(PRECEDENT_DAYS);
        let counts = store::opt_outs::settled_like(pool, &like.opt_out, since).await?;
        let similar: Vec<SimilarOptOut> = store::opt_outs::similar(pool, &like.opt_out, SHOWN)
            .await?
            .into_iter()
            .filter(|other| self.sees_opt_out(caller, loaded, other))
            .map(|other| SimilarOptOut {
                state: other.opt_out.state_at(now, other.uses),
                opt_out: other.opt_out,
                plan: other.plan,
            })
            .collect();
        let items = similar
            .iter()
            .map(|other| Item::OptOut(other.opt_out.id.uuid()))
            .collect::<Vec<_>>();
        Ok(Precedents {
            said: store::votes::said(pool, items).await?,
            similar,
            counts,
        })
    }
}
