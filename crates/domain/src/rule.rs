//! Rules as the rest of the house sees them; their Cedar text lives in the crate `policy`.

use crate::digest::Digest;
use crate::name::RuleId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Break-glass alone: no approved bypass takes it out.
    BreakGlassOnly,
}

impl Exemptible {
    /// Whether an approved bypass may take the rule out.
    pub const fn by_bypass(self) -> bool {
        match self {
            Self::No | Self::BreakGlassOnly => false,
            Self::Bypass | Self::BreakGlass => true,
        }
    }

    /// Whether break-glass may take the rule out.
    pub const fn by_break_glass(self) -> bool {
        match self {
            Self::No | Self::Bypass => false,
            Self::BreakGlass | Self::BreakGlassOnly => true,
        }
    }
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
    /// The earlier texts of it whose bypasses stand under this one too (`@carries_over`).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub carries_over: BTreeSet<Digest>,
    /// Its Cedar text.
    pub cedar: String,
}

/// What a bypass's pin is held against: for each rule the text that it has, and the earlier ones that the policy version
/// carries over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleTexts(BTreeMap<RuleId, (Digest, BTreeSet<Digest>)>);

impl RuleTexts {
    /// Of these rules.
    pub fn of<'a>(rules: impl IntoIterator<Item = &'a RuleSummary>) -> Self {
        let texts = |rule: &RuleSummary| (rule.id.clone(), (rule.body_digest, rule.carries_over.clone()));
        Self(rules.into_iter().map(texts).collect())
    }

    /// Whether a rule is the one that was approved: it has that text still, or the policy version says that what was
    /// approved under that text stands under the present one.
    pub fn honour(&self, rule: &RuleId, pinned: &Digest) -> bool {
        self.0
            .get(rule)
            .is_some_and(|(present, carried)| present == pinned || carried.contains(pinned))
    }

    /// Whether a rule has another text than this, and the policy version carries it over.
    pub fn carry_over(&self, rule: &RuleId, pinned: &Digest) -> bool {
        self.0
            .get(rule)
            .is_some_and(|(present, carried)| present != pinned && carried.contains(pinned))
    }
}
