//! What the page of a review shows.

use domain::{
    post_review::{Finding, ReviewCause, ReviewState},
    window::Instant,
};
use serde::{Deserialize, Serialize};

use crate::opt_outs::view::{HappenedView, May, OptOutView};

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
    pub opt_out: OptOutView,
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
