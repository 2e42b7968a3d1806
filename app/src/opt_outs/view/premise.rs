//! What a bypass hangs on beyond its window.

use domain::window::Instant;
use serde::{Deserialize, Serialize};

use super::May;

/// A premise as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PremiseView {
    /// "Only while service payments-prod has freeze = true."
    pub sentence: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was read: "it is true".
    pub read: String,
    /// Why the last look-up had no answer.
    pub failed: Option<String>,
    /// When it was looked at.
    pub at: Instant,
}

/// Why it is out of force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspensionView {
    /// Since when that is known.
    pub at: Instant,
    /// Why, as sentences.
    pub why: String,
    /// Its rules that have another text than the one approved.
    pub rules: Vec<ChangedRuleView>,
    /// Who wants it back.
    pub asked: Option<AskedAgainView>,
    /// Whether the reader may ask for that.
    pub ask: May,
}

/// Somebody wants it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAgainView {
    /// Who, by name.
    pub by: String,
    /// Since when.
    pub at: Instant,
    /// Why.
    pub reason: String,
    /// Whether its approvers can still decide.
    pub open: bool,
}

/// A rule that has another text than the one approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRuleView {
    /// Its id.
    pub id: String,
    /// The digest of the text that was approved.
    pub was: String,
    /// As it is; none where the policy has it no more.
    pub is: Option<PresentRuleView>,
}

/// A rule as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentRuleView {
    /// The digest of its text.
    pub digest: String,
    /// What it says, in plain words.
    pub words: String,
    /// What it says, as the policy has it.
    pub cedar: String,
}
