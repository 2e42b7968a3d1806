//! What the inbox shows.

use domain::{opt_out::Direction, window::Instant};
use serde::{Deserialize, Serialize};

use crate::component::badge::TierView;

/// The inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxView {
    /// Strictest tier first, then the least time left.
    pub rows: Vec<WaitingView>,
    /// What can be decided in one go, and what cannot, as sentences.
    pub at_once: Vec<String>,
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
    /// How it can be decided together with others.
    pub at_once: AtOnce,
    /// What an approval does, as a sentence.
    pub does: String,
    /// How many more noes settle it.
    pub noes_left: u32,
    /// Since when its oldest open question waits for an answer.
    pub asked_at: Option<Instant>,
}

/// How something can be decided together with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AtOnce {
    /// Not at all: it is no vote, or each vote takes a sign-in of its own.
    No,
    /// Denied with others, by its id; approved only by itself.
    Denied(String),
    /// Both, by its id.
    Either(String),
}

impl AtOnce {
    /// The id to select it by.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::No => None,
            Self::Denied(id) | Self::Either(id) => Some(id),
        }
    }
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActView {
    /// Whether it approved.
    pub approves: bool,
    /// What came of each item.
    pub rows: Vec<ActRowView>,
    /// Whether it was cut off before its last item.
    pub cut_off: bool,
    /// When it began.
    pub at: Instant,
    /// The present.
    pub now: Instant,
}

/// What came of one item of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActRowView {
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub href: String,
    /// Whether the vote counts.
    pub counts: bool,
    /// How it stands now, or why the vote does not count.
    pub words: String,
}

impl WaitingView {
    /// Whether it is decided by votes.
    pub const fn is_vote(&self) -> bool {
        match self.kind {
            WaitingKind::AccessRequest | WaitingKind::OptOut(_) => true,
            WaitingKind::PostReview | WaitingKind::Signal => false,
        }
    }
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
