//! What the policy page shows.

use domain::{
    opt_out::{Detail, Direction},
    rule::{Effect, Exemptible},
    scenario::{Category, ReasonKind},
    window::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{budgets::AccountView, component::badge::TierView};

/// The policy version in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// Its name, `sha256:…`.
    pub digest: String,
    /// Since when it is in force.
    pub published_at: Option<Instant>,
    /// The tiers, strictest first.
    pub tiers: Vec<TierDetailView>,
    /// The rules by what they do.
    pub groups: Vec<RuleGroupView>,
    /// The teams' budgets.
    pub budgets: Vec<AccountView>,
    /// The cases, in the catalogue's order.
    pub scenarios: Vec<CaseView>,
    /// Whether the reader may ask for an opt-out.
    pub may_request: bool,
    /// The page's present.
    pub now: Instant,
}

/// A tier with what it demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierDetailView {
    /// Its name and how strict it is.
    pub tier: TierView,
    /// What it is for.
    pub description: String,
    /// Stages of an access request: name and demand.
    pub access_stages: Vec<(String, String)>,
    /// Stages of an opt-out.
    pub opt_out_stages: Vec<(String, String)>,
    /// Who is asked where too few of a stage are left.
    pub fallback: Option<String>,
    /// Stages that special causes add, in order.
    pub extra_stages: Vec<(String, String)>,
    /// Bypasses per team in 30 days.
    pub budget: Option<u32>,
    /// How long a grant lasts, in seconds: by default, at most.
    pub grant_secs: (i64, i64),
    /// How long an access request and an opt-out wait for a decision, in seconds.
    pub lapse_secs: (i64, i64),
    /// The fewest characters of a reason.
    pub reason_min_chars: usize,
    /// Who may ask for which opt-outs and how long: the first line that names a group of theirs counts.
    pub may_opt_out: Vec<AllowanceView>,
    /// Context keys that a grant is bound to.
    pub binding: Vec<String>,
    /// The most principals and resources that a bypass may cover.
    pub most_covered: (Option<u32>, Option<u32>),
    /// Whether approvers sign in afresh.
    pub step_up: bool,
    /// Who looks at an opt-out once it has ended, and within how many seconds.
    pub review: Option<(String, i64)>,
    /// Where its news goes.
    pub channel: Option<String>,
    /// Whether several that are alike can be approved together.
    pub approved_together: bool,
}

/// One line of who may opt out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceView {
    /// The group's id.
    pub group: String,
    /// Which directions.
    pub directions: Vec<Direction>,
    /// The longest length, in seconds.
    pub longest_secs: i64,
}

/// What a group of rules does, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleRole {
    /// Puts requests into tiers.
    Classifies,
    /// Says what may be granted at all.
    Grants,
    /// Says what is never granted.
    Refuses,
    /// Says what needs no person.
    Automates,
    /// Says what needs a person.
    AsksForAPerson,
}

/// Rules that do the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleGroupView {
    /// What they do.
    pub role: RuleRole,
    /// They, by id.
    pub rules: Vec<RuleView>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    /// Its id.
    pub id: String,
    /// Permit or forbid.
    pub effect: Effect,
    /// What it says, in plain words.
    pub words: String,
    /// Its Cedar text.
    pub cedar: String,
    /// The digest of that text, in 64 hexadecimal digits.
    pub digest: String,
    /// How many earlier texts of it stand for this one.
    pub carries_over: usize,
    /// Who may be exempted from it.
    pub exemptible: Exemptible,
    /// The tier that it classifies into.
    pub tier: Option<TierView>,
    /// The names of the cases whose bypass may name it.
    pub scenarios: Vec<String>,
}

/// A case for an opt-out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub guidance: String,
    /// The directions that it allows.
    pub directions: Vec<Direction>,
    /// The tiers that it is for; empty: every one.
    pub tiers: Vec<String>,
    /// How long after its incident was resolved a bypass ends, in seconds, where it ends with one.
    pub incident_grace_secs: Option<i64>,
    /// For how long the last answer about a ticket counts once no other comes, in seconds.
    pub premise_grace_secs: Option<i64>,
    /// The rules that a bypass may name; empty: any exemptible one.
    pub rules: Vec<String>,
    /// Waiver or mitigated.
    pub category: Category,
    /// Why.
    pub reason_kind: ReasonKind,
    /// The length where none is named, and the longest, in seconds.
    pub length_secs: (i64, i64),
    /// The most uses of a bypass.
    pub max_uses: Option<u32>,
    /// Whether a ticket must be named.
    pub ticket_required: bool,
    /// What a ticket looks like: the pattern and its own sentence.
    pub ticket_form: Option<(String, String)>,
    /// What else must be filled in.
    pub required: Vec<Detail>,
    /// Stages after those of the tier: name and demand.
    pub further_stages: Vec<(String, String)>,
    /// How old it may become with its renewals, in seconds.
    pub cumulative_secs: Option<i64>,
    /// How often it may be renewed.
    pub most_renewals: Option<u32>,
}
