//! What waits for a person's vote.

mod beside;

pub use beside::Beside;

use crate::approvals::{ActsAs, Standpoint, as_of, standpoint};
use crate::caller::PersonCaller;
use crate::opt_outs::OptOutSummary;
use crate::post_reviews::PostReviewSummary;
use crate::signals::SignalSummary;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::approval::{Plan, Shape, Vote, noes_left};
use domain::name::PersonId;
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many items of each kind an inbox shows; whoever has more decides the first ones first.
const MOST_SHOWN: usize = 500;
/// How many items of each kind a badge counts.
const MOST_COUNTED: usize = 100;
/// How many items are read at a time.
const PAGE: usize = 100;

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

/// What of it is cheap to read: no questions.
#[derive(Default)]
struct Waiting {
    items: Vec<InboxItem>,
    noes: BTreeMap<Uuid, u32>,
}

impl Service {
    /// What the caller may vote on now. Somebody who may not vote has an empty inbox, not an error; an item that cannot be
    /// read is left out and logged.
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
        let Waiting { mut items, noes } = self.waiting(caller, &loaded, MOST_SHOWN, now).await?;
        items.sort_by_key(|item| (std::cmp::Reverse(item.tier_rank()), item.due_at()));
        let questions = self.questions_since(now).await?;
        Ok(Inbox {
            items,
            questions,
            noes,
            now,
        })
    }

    /// How many items wait for the caller's vote, counted no further than there is room for in a badge.
    pub async fn count_waiting(&self, caller: &PersonCaller) -> Result<usize, ServiceError> {
        if !caller.may(Permission::Vote) {
            return Ok(0);
        }
        let loaded = self.snapshots().current();
        let waiting = self.waiting(caller, &loaded, MOST_COUNTED, self.now()).await?;
        Ok(waiting.items.len())
    }

    /// Up to `most` of each kind that the caller may vote on, the strictest and most urgent first.
    async fn waiting(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        most: usize,
        now: Instant,
    ) -> Result<Waiting, ServiceError> {
        let pool = self.store().pool();
        let delegations = store::delegations::active_to(pool, &caller.person, now).await?;
        let acts_as = ActsAs::new(loaded.electors(), &caller.person, delegations, now);
        let mut waiting = Waiting::default();
        self.requests_waiting(&acts_as, &mut waiting, most, now).await?;
        self.opt_outs_waiting(&acts_as, &mut waiting, most, now).await?;
        let owed = self.reviews_owed_by(caller, loaded, now).await?;
        let reviews = owed.into_iter().map(Box::new).map(InboxItem::PostReview);
        waiting.items.extend(reviews.take(most));
        let signals = self.signals_for(caller, loaded, now).await?;
        let signals = signals.into_iter().map(Box::new).map(InboxItem::Signal);
        waiting.items.extend(signals.take(most));
        Ok(waiting)
    }

    async fn requests_waiting(
        &self,
        acts_as: &ActsAs,
        waiting: &mut Waiting,
        most: usize,
        now: Instant,
    ) -> Result<(), ServiceError> {
        let pool = self.store().pool();
        let asked = store::access_requests::waiting_for(pool, &acts_as.names(), now).await?;
        let full = waiting.items.len() + most;
        for page in asked.chunks(PAGE) {
            let ids: Vec<Uuid> = page.iter().map(|id| id.uuid()).collect();
            let mut votes = store::votes::of_access_requests(pool, &ids).await?;
            for request in store::access_requests::each(pool, page).await? {
                let Some(request) = readable(request)? else {
                    continue;
                };
                let id = request.id.uuid();
                let Some(votes) = readable(votes.remove(&id).unwrap_or(Ok(Vec::new())))? else {
                    continue;
                };
                let plan = as_of(&request.plan, request.requested_at, &votes, now);
                let voter = acts_as.voter(&request.tier);
                if let (Standpoint::MayVote, votes_for) =
                    standpoint(&plan, &request.excluded, &votes, voter, now)
                {
                    waiting.note(id, &plan, &votes);
                    let item = InboxItem::AccessRequest(Box::new(request), votes_for);
                    waiting.items.push(item);
                }
                if waiting.items.len() >= full {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn opt_outs_waiting(
        &self,
        acts_as: &ActsAs,
        waiting: &mut Waiting,
        most: usize,
        now: Instant,
    ) -> Result<(), ServiceError> {
        let pool = self.store().pool();
        let asked = store::opt_outs::waiting_for(pool, &acts_as.names(), now).await?;
        let full = waiting.items.len() + most;
        for page in asked.chunks(PAGE) {
            let ids: Vec<Uuid> = page.iter().map(|id| id.uuid()).collect();
            let mut votes = store::votes::of_opt_outs(pool, &ids).await?;
            for stored in store::opt_outs::each(pool, page).await? {
                let Some(stored) = readable(stored)? else { continue };
                let opt_out = &stored.opt_out;
                if !opt_out.state_at(now, stored.uses).is_pending()
                    && !opt_out.is_asked_again(now, stored.uses)
                {
                    continue;
                }
                let id = opt_out.id.uuid();
                let Some(votes) = readable(votes.remove(&id).unwrap_or(Ok(Vec::new())))? else {
                    continue;
                };
                let plan = as_of(&stored.plan, opt_out.asked_since(), &votes, now);
                let voter = acts_as.voter(&opt_out.tier);
                if let (Standpoint::MayVote, votes_for) =
                    standpoint(&plan, &stored.excluded, &votes, voter, now)
                {
                    waiting.note(id, &plan, &votes);
                    let summary = Box::new(OptOutSummary::new(stored, now));
                    waiting.items.push(InboxItem::OptOut(summary, votes_for));
                }
                if waiting.items.len() >= full {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl Waiting {
    fn note(&mut self, id: Uuid, plan: &Plan, votes: &[Vote]) {
        let left = noes_left(plan, votes).filter(|left| *left > 1);
        self.noes.extend(left.map(|left| (id, left)));
    }
}

/// What was read; nothing of a row that does not mean what it should, so that it does not hide all others. Errors where the
/// database is away.
pub(crate) fn readable<T, E: Into<ServiceError>>(read: Result<T, E>) -> Result<Option<T>, ServiceError> {
    match read.map_err(Into::into) {
        Ok(value) => Ok(Some(value)),
        Err(ServiceError::Internal(error)) => {
            tracing::error!(
                error = error.as_ref() as &dyn std::error::Error,
                "an item is left out because it cannot be read"
            );
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
