//! What came of an act, for the one who decided.

use super::KEPT_DAYS;
use super::decide::BulkItem;
use crate::caller::PersonCaller;
use crate::opt_outs::OptOutSummary;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::access_request::AccessRequest;
use domain::approval::Verdict;
use domain::id::BulkActId;
use domain::role::Permission;
use domain::window::Instant;
use store::votes::Item;

/// An act and what came of each of its items.
#[derive(Debug, Clone)]
pub struct BulkOutcome {
    /// Yes or no, to all of them.
    pub verdict: Verdict,
    /// What came of each.
    pub items: Vec<ItemOutcome>,
    /// Whether the act was cut off before its last item.
    pub cut_off: bool,
    /// When it began.
    pub at: Instant,
    /// When this was read.
    pub now: Instant,
}

/// What came of one item.
#[derive(Debug, Clone)]
pub struct ItemOutcome {
    /// Its id.
    pub item: BulkItem,
    /// The access request, where it is one that the caller still sees.
    pub request: Option<Box<AccessRequest>>,
    /// The opt-out, where it is one that the caller still sees.
    pub opt_out: Option<Box<OptOutSummary>>,
    /// Whether the caller's vote counts: as the votes themselves have it.
    pub counts: bool,
    /// Why it was refused.
    pub refused: Option<String>,
}

impl Service {
    /// What came of an act of the caller's.
    pub async fn bulk_outcome(
        &self,
        caller: &PersonCaller,
        id: BulkActId,
    ) -> Result<BulkOutcome, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        caller.authorise(Permission::ReadOwn)?;
        let pool = self.store().pool();
        let act = store::bulk_acts::find(pool, &caller.person, id)
            .await?
            .ok_or(ServiceError::NotFound { what: "act" })?;
        let mut items = Vec::with_capacity(act.items.len());
        for text in &act.items {
            let item: BulkItem = text.parse().map_err(ServiceError::internal)?;
            let (voted_on, request, opt_out) = match item {
                BulkItem::AccessRequest(id) => {
                    let found = store::access_requests::find(pool, id).await?;
                    let seen = found.filter(|request| self.sees(caller, &loaded, request));
                    (Item::AccessRequest(id.uuid()), seen.map(Box::new), None)
                }
                BulkItem::OptOut(id) => {
                    let found = store::opt_outs::find(pool, id).await?;
                    let seen = found.filter(|stored| self.sees_opt_out(caller, &loaded, stored));
                    let summary = seen.map(|stored| Box::new(OptOutSummary::new(stored, now)));
                    (Item::OptOut(id.uuid()), None, summary)
                }
            };
            let votes = store::votes::of(pool, voted_on).await?;
            let counts = votes
                .iter()
                .any(|vote| vote.person == caller.person && vote.verdict == act.verdict && vote.at >= act.at);
            let said = act.results.iter().flatten().find(|result| result.item == *text);
            items.push(ItemOutcome {
                item,
                request,
                opt_out,
                counts,
                refused: said.and_then(|result| result.refused.clone()),
            });
        }
        Ok(BulkOutcome {
            verdict: act.verdict,
            cut_off: act.results.is_none(),
            items,
            at: act.at,
            now,
        })
    }

    /// Throws away what was kept of acts too long ago; how many.
    pub async fn forget_old_bulk_acts(&self) -> Result<u64, ServiceError> {
        let since = self.checked_now()? - TimeDelta::days(KEPT_DAYS);
        Ok(store::bulk_acts::delete_older(self.store().pool(), since).await?)
    }
}
