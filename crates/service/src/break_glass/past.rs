//! Glasses that were broken past somebody who would have decided.

use super::ground::skipped;
use crate::caller::PersonCaller;
use crate::opt_outs::OptOutSummary;
use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::approval::{Exclusions, Plan};
use domain::grant::Grant;
use domain::post_review::{PostReview, Reviewed};
use domain::role::Permission;
use store::votes::Item;

/// A glass that was broken past somebody who would have decided.
#[derive(Debug, Clone)]
pub struct BrokenGlass {
    /// What for.
    pub what: BrokenFor,
    /// Its review.
    pub review: Option<PostReview>,
}

/// What the glass was broken for.
#[derive(Debug, Clone)]
pub enum BrokenFor {
    /// A bypass.
    Bypass(Box<OptOutSummary>),
    /// Access, with its grant.
    Access(Box<AccessRequest>, Option<Box<Grant>>),
}

impl BrokenFor {
    /// Which opt-out, or which request.
    pub const fn id(&self) -> Reviewed {
        match self {
            Self::Bypass(summary) => Reviewed::OptOut(summary.opt_out.id),
            Self::Access(request, _) => Reviewed::AccessRequest(request.id),
        }
    }
}

impl Service {
    /// Glasses that were broken past the caller: in force, or not yet looked at; newest first.
    pub async fn broken_past(&self, caller: &PersonCaller) -> Result<Vec<BrokenGlass>, ServiceError> {
        if !caller.may(Permission::Vote) {
            return Ok(Vec::new());
        }
        let now = self.now();
        let pool = self.store().pool();
        let bypasses = store::opt_outs::glass_broken(pool, now).await?;
        let access = store::access_requests::glass_broken(pool, now).await?;
        if bypasses.is_empty() && access.is_empty() {
            return Ok(Vec::new());
        }
        let loaded = self.snapshots().current_for_commands().await?;
        let past = async |plan: &Plan, excluded: &Exclusions, item: Item| {
            let votes = store::votes::of(pool, item).await?;
            Ok::<_, ServiceError>(skipped(&loaded, plan, excluded, &votes).contains(&caller.person))
        };
        let mut broken: Vec<BrokenFor> = Vec::new();
        for stored in bypasses {
            let item = Item::OptOut(stored.opt_out.id.uuid());
            if past(&stored.plan, &stored.excluded, item).await? {
                broken.push(BrokenFor::Bypass(Box::new(OptOutSummary::new(stored, now))));
            }
        }
        for request in access {
            let item = Item::AccessRequest(request.id.uuid());
            if past(&request.plan, &request.excluded, item).await? {
                let grant = store::grants::of_request(pool, request.id).await?;
                broken.push(BrokenFor::Access(Box::new(request), grant.map(Box::new)));
            }
        }
        broken.sort_by_key(|what| {
            std::cmp::Reverse(match what {
                BrokenFor::Bypass(summary) => summary.opt_out.requested_at,
                BrokenFor::Access(request, _) => request.requested_at,
            })
        });
        let mut past = Vec::with_capacity(broken.len());
        for what in broken {
            let review = store::post_reviews::of(pool, what.id()).await?;
            past.push(BrokenGlass {
                what,
                review: review.map(|stored| stored.review),
            });
        }
        Ok(past)
    }
}
