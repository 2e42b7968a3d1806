//! How similar ones went, beside each item of an inbox.

use super::{Inbox, InboxItem};
use crate::access_requests::PRECEDENT_DAYS;
use crate::bulk::BulkItem;
use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::role::Permission;
use std::collections::BTreeMap;

/// Of how many items at most: of more, whoever reads them opens one.
const MOST: usize = 50;

/// How many like one were decided lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// Approved or denied.
    pub settled: i64,
    /// Approved.
    pub approved: i64,
}

impl Service {
    /// How many like each item were decided lately, and how many of them approved, by the item. `inbox` is the proof
    /// that the caller may see the items; others' opt-outs are counted for those alone who may read everybody's.
    pub async fn precedents_beside(
        &self,
        caller: &PersonCaller,
        inbox: &Inbox,
    ) -> Result<BTreeMap<BulkItem, Beside>, ServiceError> {
        let pool = self.store().pool();
        let since = inbox.now - TimeDelta::days(PRECEDENT_DAYS);
        let mut found = BTreeMap::new();
        for item in inbox.items.iter().take(MOST) {
            let Some(id) = BulkItem::of(item) else { continue };
            let beside = match item {
                InboxItem::AccessRequest(request, _) => {
                    let before = store::access_requests::precedents(pool, request, since).await?;
                    Beside {
                        settled: before.settled,
                        approved: before.approved,
                    }
                }
                InboxItem::OptOut(summary, _) if caller.may(Permission::ReadAll) => {
                    let before = store::opt_outs::settled_like(pool, &summary.opt_out, since).await?;
                    Beside {
                        settled: before.settled,
                        approved: before.approved,
                    }
                }
                InboxItem::OptOut(..) | InboxItem::PostReview(_) | InboxItem::Signal(_) => continue,
            };
            found.insert(id, beside);
        }
        Ok(found)
    }
}
