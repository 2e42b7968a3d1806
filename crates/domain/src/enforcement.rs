//! Enforcement reports: what a policy enforcement point really did with an answer.

use crate::id::{ClientId, DecisionId};
use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 500;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// What the answer said.
    Enforced,
    /// It was refused, whatever the answer said.
    Denied,
    /// It was let through, whatever the answer said: by a switch at the gate, or because the answer came too late.
    Bypassed,
}

/// How what was done differs from what was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    /// Not at all.
    None,
    /// Allowed, and refused at the gate.
    Stricter,
    /// Refused, and let through at the gate.
    Laxer,
}

impl Done {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Enforced, Self::Denied, Self::Bypassed];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Denied => "denied",
            Self::Bypassed => "bypassed",
        }
    }

    /// The words on pages.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Enforced => "as answered",
            Self::Denied => "refused at the gate",
            Self::Bypassed => "let through at the gate",
        }
    }

    /// How it differs from an answer; true is allow.
    pub const fn deviation(self, answer: bool) -> Deviation {
        match (self, answer) {
            (Self::Enforced, _) | (Self::Denied, false) | (Self::Bypassed, true) => Deviation::None,
            (Self::Denied, true) => Deviation::Stricter,
            (Self::Bypassed, false) => Deviation::Laxer,
        }
    }
}

/// A word that is none of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is nothing that can be done: use enforced, denied or bypassed")]
pub struct DoneError(pub String);

impl std::str::FromStr for Done {
    type Err = DoneError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|done| done.as_str() == text)
            .ok_or_else(|| DoneError(text.to_owned()))
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforcement {
    /// Of which decision.
    pub decision: DecisionId,
    /// By which client: the one that asked.
    pub client: ClientId,
    /// What was done.
    pub done: Done,
    /// When, by the client's clock.
    pub done_at: Instant,
    /// What it adds.
    pub note: String,
    /// When it was reported.
    pub reported_at: Instant,
}

impl Enforcement {
    /// Whether another report says the same: sent again, it changes nothing.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (self.decision, self.client, self.done, self.done_at, &self.note)
            == (
                other.decision,
                other.client,
                other.done,
                other.done_at,
                &other.note,
            )
    }
}
