//! What the inbox shows.

use domain::{opt_out::Direction, window::Instant};
use serde::{Deserialize, Serialize};

use crate::component::badge::TierView;

/// The inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxView {
    /// Strictest tier first, then the least time left.
    pub rows: Vec<WaitingView>,
    /// Whether the reader's roles let them decide at all.
    pub may_vote: bool,
    /// The present.
    pub now: Instant,
}

/// Something that waits for the reader's vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingView {
    /// What it is.
    pub kind: WaitingKind,
    /// What it is called.
    pub title: String,
    /// Who, how long, which rule.
    pub note: String,
    /// Its tier.
    pub tier: TierView,
    /// Until when it can be decided.
    pub due_at: Instant,
    /// Where it is decided.
    pub href: String,
}

/// The kinds of things that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitingKind {
    /// Somebody wants access.
    AccessRequest,
    /// Somebody wants an opt-out.
    OptOut(Direction),
    /// Something that happened has to be looked at.
    PostReview,
    /// A signal has to be confirmed or lifted.
    Signal,
}
