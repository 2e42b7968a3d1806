//! Rules as the rest of the house sees them; their Cedar text lives in the crate `policy`.

use crate::digest::Digest;
use crate::name::RuleId;
use serde::{Deserialize, Serialize};

/// The three questions that a decision asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which tier applies?
    Classify,
    /// May this be granted at all?
    Grant,
    /// May it be granted without a person?
    Automate,
}

impl Question {
    /// All questions, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::Classify, Self::Grant, Self::Automate];

    /// The name of the Cedar action.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::Grant => "grant",
            Self::Automate => "automate",
        }
    }
}

/// What a rule does when it is satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Allows, unless something forbids.
    Permit,
    /// Refuses, whatever permits.
    Forbid,
}

/// Who may be exempted from a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exemptible {
    /// Nobody: a security rule.
    No,
    /// Holders of an approved bypass.
    Bypass,
    /// Those too, and break-glass.
    BreakGlass,
}

/// One rule, described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSummary {
    /// Its `@id`.
    pub id: RuleId,
    /// Permit or forbid.
    pub effect: Effect,
    /// The questions that its action scope can match, in order.
    pub questions: Vec<Question>,
    /// What it says, in plain words (`@description`).
    pub description: String,
    /// The tier it classifies into, for a rule of `classify`.
    pub tier: Option<crate::name::TierName>,
    /// Who may be exempted from it.
    pub exemptible: Exemptible,
    /// SHA-256 of its Cedar text: a bypass pins this.
    pub body_digest: Digest,
    /// Its Cedar text.
    pub cedar: String,
}
