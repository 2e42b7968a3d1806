//! Post-reviews: owed by somebody else than who acted, concluded once.

mod conclude;
mod levels;
mod owe;
mod read;
mod ready;

pub(crate) use levels::{Levels, asked_of, levels};
pub(crate) use owe::{owed, review_at_end};
pub use read::{About, Counts, PostReviewDetail, PostReviewSummary, ReviewedAccess, ReviewedOptOut};

use crate::command::EventDraft;
use domain::event::EventKind;
use domain::post_review::PostReview;
use std::collections::BTreeSet;

/// An event about a review. The leaf names it and what is looked at by their random ids.
pub(crate) fn event(kind: EventKind, review: &PostReview, body: serde_json::Value) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "post_review",
        object_id: review.id.to_string(),
        refs: BTreeSet::from([review.id.to_string(), review.reviewed.to_string()]),
        policy_digest: None,
        body,
    }
}
