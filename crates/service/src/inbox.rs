//! What waits for a person's vote.

mod beside;

pub use beside::Beside;

use crate::approvals::{ActsAs, Standpoint, as_of, standpoint};
use crate::caller::PersonCaller;
use crate::opt_outs::OptOutSummary;
use crate::post_reviews::PostReviewSummary;
use crate::signals::SignalSummary;
use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::approval::{Plan, Shape, Vote, noes_left};
use domain::name::PersonId;
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeMap;
use store::votes::Item;
use uuid::Uuid;

/// One thing to decide.
#[derive(Debug, Clone)]
pub enum InboxItem {
    /// Somebody wants access; and in whose place one would vote.
    AccessRequest(Box<AccessRequest>, Option<PersonId>),
    /// Somebody wants an opt-out; and in whose place one would vote.
    OptOut(Box<OptOutSummary>, Option<PersonId>),
    /// Something that happened has to be looked at.
    PostReview(Box<PostReviewSummary>),
    /// A signal has to be confirmed or lifted.
    Signal(Box<SignalSummary>),
}

impl InboxItem {
    /// The rank of its tier.
    pub fn tier_rank(&self) -> u32 {
        match self {
            Self::AccessRequest(request, _) => request.tier_rank,
            Self::OptOut(summary, _) => summary.opt_out.tier_rank,
            Self::PostReview(summary) => summary.review.tier_rank,
            Self::Signal(summary) => summary.opt_out.tier_rank,
        }
    }

    /// What has to be alike to be approved together; none of what is not voted on, or of an emergency, which somebody has
    /// to have looked at.
    pub fn shape(&self) -> Option<Shape> {
        match self {
            Self::AccessRequest(request, _) if request.break_glass.is_none() => {
                Some(Shape::of_access_request(request))
            }
            Self::OptOut(summary, _) if summary.opt_out.break_glass.is_none() => {
                Some(Shape::of_opt_out(&summary.opt_out))
            }
            Self::AccessRequest(..) | Self::OptOut(..) | Self::PostReview(_) | Self::Signal(_) => None,
        }
    }

    /// Until when it can be decided.
    pub fn due_at(&self) -> Instant {
        match self {
            Self::AccessRequest(request, _) => request.expires_at,
            Self::OptOut(summary, _) => summary.opt_out.lapses_at,
            Self::PostReview(summary) => summary.review.due_at,
            Self::Signal(summary) => summary.opt_out.window.ends_at(),
        }
    }
}

/// The inbox of one person.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// Strictest tier first, then the least time left.
    pub items: Vec<InboxItem>,
    /// Since when the oldest open question about an item waits, by its UUID.
    pub questions: BTreeMap<Uuid, Instant>,
    /// How many more noes settle an item, by its UUID, where one is not enough.
    pub noes: BTreeMap<Uuid, u32>,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// What the caller may vote on now. Somebody who may not vote has an empty inbox, not an error.
    pub async fn inbox(&self, caller: &PersonCaller) -> Result<Inbox, ServiceError> {
        let now = self.now();
        if !caller.may(Permission::Vote) {
            return Ok(Inbox {
                items: Vec::new(),
                questions: BTreeMap::new(),
                noes: BTreeMap::new(),
                now,
            });
        }
        let loaded = self.snapshots().current_for_commands().await?;
        let directory = loaded.directory();
        let pool = self.store().pool();
        let delegations = store::delegations::active_to(pool, &caller.person, now).await?;
        let acts_as = ActsAs::new(directory, &caller.person, delegations, now);
        let mut items = Vec::new();
        let mut noes = BTreeMap::new();
        let mut take = |id: Uuid, plan: &Plan, votes: &[Vote]| {
            noes.extend(
                noes_left(plan, votes)
                    .filter(|left| *left > 1)
                    .map(|left| (id, left)),
            );
        };
        for request in store::access_requests::list_pending(pool, now).await? {
            let votes = store::votes::of(pool, Item::AccessRequest(request.id.uuid())).await?;
            let plan = as_of(&request.plan, request.requested_at, &votes, now);
            let voter = acts_as.voter(&request.tier);
            if let (Standpoint::MayVote, votes_for) = standpoint(&plan, &request.excluded, &votes, voter, now)
            {
                take(request.id.uuid(), &plan, &votes);
                items.push(InboxItem::AccessRequest(Box::new(request), votes_for));
            }
        }
        let again = store::opt_outs::asked_again(pool, now).await?;
        let again = again
            .into_iter()
            .filter(|stored| stored.opt_out.is_asked_again(now, stored.uses));
        for stored in store::opt_outs::list_pending(pool, now)
            .await?
            .into_iter()
            .chain(again)
        {
            let votes = store::votes::of(pool, Item::OptOut(stored.opt_out.id.uuid())).await?;
            let plan = as_of(&stored.plan, stored.opt_out.asked_since(), &votes, now);
            let voter = acts_as.voter(&stored.opt_out.tier);
            if let (Standpoint::MayVote, votes_for) = standpoint(&plan, &stored.excluded, &votes, voter, now)
            {
                take(stored.opt_out.id.uuid(), &plan, &votes);
                items.push(InboxItem::OptOut(
                    Box::new(OptOutSummary::new(stored, now)),
                    votes_for,
                ));
            }
        }
        let owed = self.reviews_owed_by(caller, &loaded, now).await?;
        items.extend(
            owed.into_iter()
                .map(|review| InboxItem::PostReview(Box::new(review))),
        );
        let signals = self.signals_for(caller, &loaded, now).await?;
        items.extend(
            signals
                .into_iter()
                .map(|signal| InboxItem::Signal(Box::new(signal))),
        );
        items.sort_by_key(|item| (std::cmp::Reverse(item.tier_rank()), item.due_at()));
        let questions = self.questions_since(now).await?;
        Ok(Inbox {
            items,
            questions,
            noes,
            now,
        })
    }
}
