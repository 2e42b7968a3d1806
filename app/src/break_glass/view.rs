//! What the form offers, and what it would come to.

use domain::window::Instant;
use serde::{Deserialize, Serialize};

use crate::component::{badge::TierView, field::Choice};

/// The form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlassFormView {
    /// The key of this page, by which a form that comes twice is known.
    pub once: String,
    /// Themself, and the workloads that they answer for.
    pub principals: Vec<Choice>,
    /// What one can type as a resource.
    pub resources: Vec<String>,
    /// The rules that are marked for emergencies.
    pub rules: Vec<Choice>,
    /// How long it may last.
    pub lengths: Vec<Choice>,
    /// The length that is chosen at first, in seconds.
    pub default_secs: i64,
    /// Whose hours are counted, by name.
    pub team: String,
    /// The review that makes it shorter.
    pub overdue_href: Option<String>,
    /// What a decision that stands in the way fills in.
    pub initial: InitialView,
    /// What was refused lately and can be opened, the one that it began with first.
    pub refused: Vec<Choice>,
    /// Which of them is chosen at first.
    pub chosen: String,
    /// Why the decision that it began with cannot be opened, where it cannot.
    pub not_opened: Option<String>,
}

/// The two ways of breaking the glass, as the page's address and form have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To get what was refused.
    Access,
    /// To be out of a rule.
    Rule,
}

impl Way {
    /// Both, the narrower one first.
    pub const ALL: [Self; 2] = [Self::Access, Self::Rule];

    /// The word in the address and the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Rule => "rule",
        }
    }

    /// The way of a word; the narrower one where it is none.
    pub fn of(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|way| way.as_str() == word)
            .unwrap_or(Self::Access)
    }
}

/// What is filled in at first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialView {
    /// For whom: `person alice.meyer`.
    pub principal: String,
    /// On what: `service payments-prod`.
    pub resource: String,
    /// To do what.
    pub capability: String,
    /// Out of which rules.
    pub rules: Vec<String>,
    /// Whether it began with a decision none of whose rules can be broken.
    pub nothing_breakable: bool,
}

/// What it would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsView {
    /// How long it lasts, in seconds.
    pub length_secs: i64,
    /// When it ends, if it begins now.
    pub ends_at: Instant,
    /// Whether it takes effect at once.
    pub at_once: bool,
    /// What is left to the team on that resource, in seconds.
    pub left_secs: i64,
    /// The strictest tier that it covers.
    pub tier: TierView,
    /// Who would have decided, by name.
    pub skipped: Vec<String>,
    /// Who looks at it afterwards.
    pub reviewers: String,
    /// The present.
    pub now: Instant,
}
