//! What the start page shows.

use domain::{
    opt_out::{Direction, OptOutState},
    window::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    approvals::view::WaitingView,
    requests::view::{Ends, Stand},
};

/// The start page of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    /// The first few things that wait for their vote.
    pub waiting: Vec<WaitingView>,
    /// How many wait in all.
    pub waiting_total: usize,
    /// When the first of them is due.
    pub first_due_at: Option<Instant>,
    /// Whether their roles let them decide.
    pub may_vote: bool,
    /// Whether their roles let them ask for an opt-out.
    pub may_request: bool,
    /// Questions that wait for their answers.
    pub questions: Vec<QuestionView>,
    /// Glasses that were broken past them.
    pub broken: Vec<BrokenPastView>,
    /// What of theirs ends within a few days, the soonest first.
    pub ending: Vec<EndingView>,
    /// What they asked for, newest first.
    pub mine: Vec<MineView>,
    /// The present.
    pub now: Instant,
}

/// A question that waits for the reader's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionView {
    /// Who asks, by name.
    pub who: String,
    /// What about.
    pub about: String,
    /// The question's beginning.
    pub text: String,
    /// Since when it waits.
    pub at: Instant,
    /// Where it is answered.
    pub href: String,
}

/// A glass that was broken past the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenPastView {
    /// "Jonas Weber broke the glass in INC-4471".
    pub words: String,
    /// Until when it is in force.
    pub ends_at: Option<Instant>,
    /// Where it opens.
    pub href: String,
    /// Where its review is, while that is owed.
    pub review_href: Option<String>,
}

/// Something that ends soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndingView {
    /// What it is called.
    pub title: String,
    /// "access", "bypass", "to manual", or the question that makes it end early.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Where it opens.
    pub href: String,
    /// When.
    pub ends_at: Instant,
}

/// Something that the reader asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MineView {
    /// What it is called.
    pub title: String,
    /// Its id.
    pub id: String,
    /// Where it opens.
    pub href: String,
    /// Where it stands.
    pub stand: MineStand,
    /// Who decides, or decided.
    pub decided_by: String,
    /// Its end.
    pub ends: Ends,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MineStand {
    /// A request for access, or what it gave.
    Access(Stand),
    /// An opt-out.
    OptOut {
        /// Its state.
        state: OptOutState,
        /// How many stages it has.
        stages: u32,
        /// Which way it goes.
        direction: Direction,
    },
}
