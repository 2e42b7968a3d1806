//! Drafts of forms: kept for their person alone, and for a month at most. Nothing is decided by them, so no event is
//! recorded about them.

use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::role::Permission;
pub use store::drafts::Draft;

/// How long a draft is kept, in days.
pub const KEPT_DAYS: i64 = 30;
/// The form that asks for an opt-out.
const OPT_OUT: &str = "opt_out";

impl Service {
    /// Keeps what the caller has typed so far into the form that asks for an opt-out.
    pub async fn save_draft(
        &self,
        caller: &PersonCaller,
        fields: Vec<(String, String)>,
    ) -> Result<(), ServiceError> {
        caller.authorise(Permission::Request)?;
        let draft = Draft {
            fields,
            saved_at: self.checked_now()?,
        };
        Ok(store::drafts::save(self.store().pool(), &caller.person, OPT_OUT, &draft).await?)
    }

    /// The caller's draft, if there is one.
    pub async fn draft(&self, caller: &PersonCaller) -> Result<Option<Draft>, ServiceError> {
        caller.authorise(Permission::Request)?;
        let since = self.now() - TimeDelta::days(KEPT_DAYS);
        Ok(store::drafts::find(self.store().pool(), &caller.person, OPT_OUT, since).await?)
    }

    /// Throws the caller's draft away.
    pub async fn discard_draft(&self, caller: &PersonCaller) -> Result<(), ServiceError> {
        caller.authorise(Permission::Request)?;
        Ok(store::drafts::discard(self.store().pool(), &caller.person, OPT_OUT).await?)
    }

    /// Throws away what was kept too long; how many.
    pub async fn forget_old_drafts(&self) -> Result<u64, ServiceError> {
        let since = self.checked_now()? - TimeDelta::days(KEPT_DAYS);
        Ok(store::drafts::delete_older(self.store().pool(), since).await?)
    }
}
