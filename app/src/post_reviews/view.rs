//! What the page of a review shows.

use domain::{
    enforcement::Done,
    grant::GrantState,
    post_review::{Finding, ReviewCause, ReviewState},
    window::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    component::badge::TierView,
    opt_outs::view::{HappenedView, May, OptOutView},
};

/// One review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostReviewView {
    /// Its id in the outer form.
    pub id: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Why it is owed.
    pub cause: ReviewCause,
    /// Whether nobody has looked in time.
    pub overdue: bool,
    /// By when somebody has to have looked.
    pub due_at: Instant,
    /// What is looked at.
    pub about: AboutView,
    /// What was really done in its decisions, in words.
    pub done: String,
    /// Who approved it, by name.
    pub approved_by: Vec<String>,
    /// Who is asked.
    pub reviewers: String,
    /// Whether the reader may conclude it.
    pub conclude: May,
    /// What came of it.
    pub conclusion: Option<ConclusionView>,
    /// What happened to it, newest first.
    pub happened: Vec<HappenedView>,
    /// The page's present.
    pub now: Instant,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AboutView {
    /// An opt-out.
    OptOut(Box<OptOutView>),
    /// Access for which somebody broke the glass.
    Access(Box<AccessView>),
}

impl AboutView {
    /// What it is called.
    pub fn title(&self) -> &str {
        match self {
            Self::OptOut(opt_out) => &opt_out.title,
            Self::Access(access) => &access.title,
        }
    }

    /// Its tier.
    pub fn tier(&self) -> TierView {
        match self {
            Self::OptOut(opt_out) => opt_out.tier.clone(),
            Self::Access(access) => access.tier.clone(),
        }
    }
}

/// Access for which somebody broke the glass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessView {
    /// Where its request is, for those who may open it.
    pub request_href: Option<String>,
    /// "Break-glass, INC-4471: Admin on payments-prod".
    pub title: String,
    /// Its tier.
    pub tier: TierView,
    /// Who broke the glass, by name.
    pub by: String,
    /// "admin on service payments-prod for Jonas Weber".
    pub what: String,
    /// The incident's id.
    pub incident: String,
    /// Whether the identity provider could not be asked.
    pub weak_sign_in: bool,
    /// Who would have decided, by name.
    pub skipped: Vec<String>,
    /// Why, in the words of who broke it.
    pub reason: String,
    /// From when.
    pub starts_at: Instant,
    /// How long it lasted, or lasts, in seconds.
    pub lasts_secs: i64,
    /// The grant's state.
    pub state: GrantState,
    /// The newest decisions that it answered.
    pub answered: Vec<AnsweredView>,
    /// How many there are.
    pub answered_total: i64,
    /// Whether the reader may open decisions.
    pub may_audit: bool,
}

/// A decision that a grant answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredView {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// "Jonas Weber admin payments-prod".
    pub words: String,
    /// What was really done, where it was reported.
    pub done: Option<Done>,
}

/// What somebody concluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConclusionView {
    /// Who, by name.
    pub person: String,
    /// What they found.
    pub finding: Finding,
    /// Why.
    pub note: String,
    /// When.
    pub at: Instant,
}
