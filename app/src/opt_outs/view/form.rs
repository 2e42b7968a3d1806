//! What the request form offers.

use domain::{
    opt_out::{Detail, Direction, OptOutState},
    window::Instant,
};
use serde::{Deserialize, Serialize};

use super::detail::UseView;

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
    /// What is said where a ticket does not look as the case wants it.
    pub ticket_message: Option<String>,
    /// The most uses of a bypass.
    pub max_uses: Option<u32>,
    /// What else must be filled in.
    pub required: Vec<Detail>,
}

impl ScenarioView {
    /// Whether an opt-out in this direction has to say this.
    pub fn requires(&self, detail: Detail, direction: Direction) -> bool {
        detail.is_for(direction) && self.required.contains(&detail)
    }
}

/// What the reader has begun and not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftView {
    /// Its title so far.
    pub title: String,
    /// The id of what it renews.
    pub renews: Option<String>,
    /// When it was kept.
    pub saved_at: Instant,
    /// The form's fields.
    pub values: Vec<(String, String)>,
}

/// What is renewed, beside the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state at the page's present.
    pub state: OptOutState,
    /// Why it was asked for: the renewal needs a reason of its own.
    pub reason: String,
    /// Which renewal this would be.
    pub generation: u32,
    /// Since when there is one.
    pub first_started_at: Instant,
    /// When the last one must have ended.
    pub must_end_by: Option<Instant>,
    /// Half of what this one lasted, in seconds: the longest that the renewal lasts, by case and tier perhaps less.
    pub longest_secs: i64,
    /// When this one ends or ended.
    pub ends_at: Instant,
    /// How many decisions it applied to.
    pub uses_total: i64,
    /// How many of them came out otherwise by it.
    pub uses_changed: i64,
    /// The newest of them.
    pub uses: Vec<UseView>,
    /// What the form begins with.
    pub values: Vec<(String, String)>,
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
    /// The key of this page, by which a form that comes twice is known.
    pub once: String,
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
    /// Whether tickets are looked up.
    pub tickets: bool,
    /// The fewest characters of a reason at the laxest and at the strictest tier.
    pub reason_min_chars: (usize, usize),
    /// The zone that the reader has set.
    pub zone: String,
    /// What is renewed, where the form was opened to renew.
    pub renewal: Option<RenewalView>,
    /// What the reader has begun and not sent.
    pub draft: Option<DraftView>,
    /// The page's present.
    pub now: Instant,
}
