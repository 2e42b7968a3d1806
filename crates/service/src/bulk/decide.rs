//! The act: which of the inbox's items may stand on one list, and a vote on each.

use crate::approvals::VoteInput;
use crate::caller::PersonCaller;
use crate::inbox::InboxItem;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::{
    AtOnceError, LONGEST_REASON, MOST_AT_ONCE, Shape, Verdict, approve_at_once, approved_in_a_list,
    deny_at_once,
};
use domain::decision::{Input, Purpose};
use domain::id::{AccessRequestId, BulkActId, OptOutId};
use domain::name::TierName;
use domain::role::Permission;
use domain::window::Instant;
use std::fmt;
use store::bulk_acts::{BulkAct, BulkResult};

/// One item, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BulkItem {
    /// An access request.
    AccessRequest(AccessRequestId),
    /// An opt-out.
    OptOut(OptOutId),
}

impl fmt::Display for BulkItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessRequest(id) => id.fmt(f),
            Self::OptOut(id) => id.fmt(f),
        }
    }
}

/// A text that is no item's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("that is no item of an inbox")]
pub struct BulkItemError;

impl std::str::FromStr for BulkItem {
    type Err = BulkItemError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let request = text.parse().map(Self::AccessRequest);
        request
            .or_else(|_| text.parse().map(Self::OptOut))
            .map_err(|_| BulkItemError)
    }
}

impl BulkItem {
    /// Its UUID.
    pub const fn uuid(self) -> uuid::Uuid {
        match self {
            Self::AccessRequest(id) => id.uuid(),
            Self::OptOut(id) => id.uuid(),
        }
    }

    /// The item that waits in an inbox; none of what is not voted on.
    pub const fn of(item: &InboxItem) -> Option<Self> {
        match item {
            InboxItem::AccessRequest(request, _) => Some(Self::AccessRequest(request.id)),
            InboxItem::OptOut(summary, _) => Some(Self::OptOut(summary.opt_out.id)),
            InboxItem::PostReview(_) | InboxItem::Signal(_) => None,
        }
    }
}

/// An item that was selected, with what of it waits for the caller.
struct Selected {
    item: BulkItem,
    shape: Option<Shape>,
}

impl Service {
    /// Whether these can be decided at once by the caller. Writes nothing.
    pub async fn check_at_once(
        &self,
        caller: &PersonCaller,
        verdict: Verdict,
        items: &[BulkItem],
    ) -> Result<(), ServiceError> {
        self.selected(caller, verdict, items).await.map(|_| ())
    }

    /// Votes on each of these, for one reason. What is refused before the first vote is refused whole; after that each has
    /// its own answer, which the act keeps.
    pub async fn decide_at_once(
        &self,
        caller: &PersonCaller,
        verdict: Verdict,
        reason: &str,
        items: &[BulkItem],
    ) -> Result<BulkActId, ServiceError> {
        let reason = reason.trim();
        if verdict == Verdict::Deny && reason.is_empty() {
            return Err(ServiceError::field(
                "reason",
                "reason_missing",
                "Say why, so that who asked knows what to change.",
            ));
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(ServiceError::field(
                "reason",
                "reason_too_long",
                format!("A reason has at most {LONGEST_REASON} characters."),
            ));
        }
        let selected = self.selected(caller, verdict, items).await?;
        let act = BulkAct {
            id: BulkActId::from_uuid(self.ids().next(self.now())),
            person: caller.person.clone(),
            verdict,
            items: selected.iter().map(|one| one.item.to_string()).collect(),
            results: None,
            at: self.now(),
        };
        let pool = self.store().pool();
        store::bulk_acts::begin(pool, &act).await?;
        let mut results = Vec::with_capacity(selected.len());
        for one in &selected {
            let refused = match one.shape {
                None => Some("It does not wait for your vote any more.".to_owned()),
                Some(_) => self.vote_on_one(caller, one.item, verdict, reason).await,
            };
            results.push(BulkResult {
                item: one.item.to_string(),
                refused,
            });
        }
        // The votes stand whatever happens here: without results, what is shown of the act comes from them.
        if let Err(error) = store::bulk_acts::finish(pool, act.id, &results).await {
            tracing::warn!(error = &error as &dyn std::error::Error, act = %act.id, "results could not be kept");
        }
        Ok(act.id)
    }

    /// Why the vote was refused; none where it counts.
    async fn vote_on_one(
        &self,
        caller: &PersonCaller,
        item: BulkItem,
        verdict: Verdict,
        reason: &str,
    ) -> Option<String> {
        let voted = match item {
            BulkItem::AccessRequest(id) => self
                .vote_on_access_request(caller, id, VoteInput::new(verdict, reason))
                .await
                .map(|_| ()),
            BulkItem::OptOut(id) => self
                .vote_on_opt_out(caller, id, VoteInput::new(verdict, reason))
                .await
                .map(|_| ()),
        };
        voted.err().map(|error| match error {
            ServiceError::Invalid(fields) => fields
                .into_iter()
                .next()
                .map_or_else(|| "It was refused.".to_owned(), |field| field.message),
            ServiceError::Unavailable(_) | ServiceError::Internal(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, %item, "a vote among several failed");
                "Something went wrong on our side. Open it to see how it stands.".to_owned()
            }
            refused @ (ServiceError::NotFound { .. }
            | ServiceError::Forbidden { .. }
            | ServiceError::Conflict { .. }) => refused.to_string(),
        })
    }

    /// The items in the order of the inbox, those that wait no more behind them; refused where they cannot stand on one list.
    async fn selected(
        &self,
        caller: &PersonCaller,
        verdict: Verdict,
        items: &[BulkItem],
    ) -> Result<Vec<Selected>, ServiceError> {
        caller.authorise(Permission::Vote)?;
        let mut left: Vec<BulkItem> = items.to_vec();
        left.sort_unstable();
        left.dedup();
        // Counted before anything is looked up.
        if left.len() > MOST_AT_ONCE {
            return Err(refused(AtOnceError::TooMany));
        }
        let inbox = self.inbox(caller).await?;
        let loaded = self.snapshots().current_for_commands().await?;
        let tiers = loaded.policy()?.tiers();
        let mut selected = Vec::with_capacity(left.len());
        let mut shapes = Vec::with_capacity(left.len());
        for waiting in &inbox.items {
            let Some(item) = BulkItem::of(waiting).filter(|item| left.contains(item)) else {
                continue;
            };
            left.retain(|other| *other != item);
            let shape = waiting.shape().ok_or_else(|| refused(AtOnceError::Emergency))?;
            if verdict == Verdict::Approve
                && let Some(tier) = self.tier_by_now(&loaded, waiting, inbox.now).await?
            {
                // A vote asks policy again. What has become stricter since it was asked is not approved in a list.
                approved_in_a_list(&tier, tiers).map_err(refused)?;
            }
            shapes.push(shape.clone());
            selected.push(Selected {
                item,
                shape: Some(shape),
            });
        }
        if selected.is_empty() && !left.is_empty() {
            return Err(ServiceError::Conflict {
                code: "settled",
                why: "Nothing of what you selected waits for your vote any more.".to_owned(),
            });
        }
        match verdict {
            Verdict::Approve => approve_at_once(&shapes, tiers),
            Verdict::Deny => deny_at_once(&shapes, tiers),
        }
        .map_err(refused)?;
        selected.extend(left.into_iter().map(|item| Selected { item, shape: None }));
        Ok(selected)
    }

    /// The tier that an item would have if it were asked for now; none where that is not known.
    async fn tier_by_now(
        &self,
        loaded: &Loaded,
        item: &InboxItem,
        now: Instant,
    ) -> Result<Option<TierName>, ServiceError> {
        let snapshot = loaded.snapshot()?;
        Ok(match item {
            InboxItem::AccessRequest(request, _) => {
                let decision = self.decision_record(request.decision).await?;
                decision.map(|decision| {
                    let input = Input {
                        purpose: Purpose::Preview,
                        approval: None,
                        ..decision.input
                    };
                    policy::evaluate(snapshot, &input, now, &policy::Without::nothing()).tier
                })
            }
            InboxItem::OptOut(summary, _) => {
                let tier = policy::evaluate::scope_tier(snapshot, &summary.opt_out.scope, now);
                Some(tier.name.clone())
            }
            InboxItem::PostReview(_) | InboxItem::Signal(_) => None,
        })
    }
}

fn refused(error: AtOnceError) -> ServiceError {
    let code = match error {
        AtOnceError::Nothing => "nothing_selected",
        AtOnceError::TooMany => "too_many",
        AtOnceError::Unlike => "unlike",
        AtOnceError::TooStrict(_) => "too_strict",
        AtOnceError::Emergency => "emergency",
        AtOnceError::SignsInAfresh(_) => "signs_in_afresh",
    };
    ServiceError::field("item", code, error.to_string())
}
