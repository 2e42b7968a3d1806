//! What the request form offers.

use domain::opt_out::Direction;
use serde::{Deserialize, Serialize};

/// A case of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for and how long it lasts at most.
    pub guidance: String,
    /// The directions that it allows.
    pub directions: Vec<Direction>,
    /// The length where none is named, in seconds.
    pub default_secs: i64,
    /// The longest length, in seconds.
    pub longest_secs: i64,
    /// Whether a ticket must be named.
    pub ticket_required: bool,
    /// The most uses of a bypass.
    pub max_uses: Option<u32>,
}

/// A rule that one can be exempted from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChoice {
    /// Its id.
    pub id: String,
    /// What it says, in plain words.
    pub words: String,
    /// The names of the cases that list it. A case that lists none covers any.
    pub scenarios: Vec<String>,
}

/// All that the form offers, from the policy and the directory in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFormView {
    /// The cases, in the catalogue's order.
    pub scenarios: Vec<ScenarioView>,
    /// The rules that one can be exempted from.
    pub rules: Vec<RuleChoice>,
    /// The ids of the rules that hold for everybody.
    pub closed_rules: Vec<String>,
    /// Suggestions for who, as one types them.
    pub principals: Vec<String>,
    /// Suggestions for which resources, as one types them.
    pub resources: Vec<String>,
    /// The fewest characters of a reason at the laxest and at the strictest tier.
    pub reason_min_chars: (usize, usize),
}
