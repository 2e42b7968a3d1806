//! What an opt-out would do, before it is sent.

use domain::{opt_out::Direction, outcome::Outcome, window::Instant};
use serde::{Deserialize, Serialize};

use super::PremiseView;
use super::hours::{HoursView, ScheduleView};
use crate::{
    approvals::{deciders::DecidersView, joining::JoiningView},
    budgets::BudgetView,
    component::badge::TierView,
    form::FieldError,
};

/// The answer to a preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewView {
    /// It could be sent as it is, and this is what would happen.
    Ready(Box<Consequence>),
    /// It could not be sent yet, for these reasons; and what can be said of its scope already.
    NotYet(Vec<FieldError>, Option<ScopeSoFarView>),
}

/// What a scope comes to while the rest is being filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeSoFarView {
    /// The strictest tier that it covers.
    pub tier: TierView,
    /// How many principals it covers now; none: any.
    pub principals: Option<usize>,
    /// How many resources it covers now; none: any.
    pub resources: Option<usize>,
    /// Who decides.
    pub stages: Vec<StageForecast>,
    /// The page's present.
    pub now: Instant,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consequence {
    /// Which way.
    pub direction: Direction,
    /// The strictest tier that it covers.
    pub tier: TierView,
    /// How many recorded decisions of the last 30 days were tried.
    pub tried: usize,
    /// How many of them it covers.
    pub covered: usize,
    /// Whether there were more than were tried.
    pub cut_off: bool,
    /// What becomes of the covered ones.
    pub changes: Vec<ChangeView>,
    /// Rules that would still hold covered decisions back, and how many.
    pub held_by: Vec<(String, usize)>,
    /// How many principals it covers now; none: any.
    pub principals: Option<usize>,
    /// How many resources it covers now; none: any.
    pub resources: Option<usize>,
    /// Who decides.
    pub stages: Vec<StageForecast>,
    /// Until when they can; then it lapses.
    pub lapses_at: Instant,
    /// Who will be told that it is asked for, by name.
    pub told: Vec<String>,
    /// The channel that will.
    pub channel: Option<String>,
    /// When it starts, where that was chosen; otherwise it starts when it is approved.
    pub starts_at: Option<Instant>,
    /// Its start and end, where they were named with a zone.
    pub schedule: Option<ScheduleView>,
    /// The hours of the week in which it applies, where it has any.
    pub hours: Option<HoursView>,
    /// How long it lasts, in seconds.
    pub length_secs: i64,
    /// The longest length that case and tier allow, in seconds.
    pub longest_secs: i64,
    /// The end that this length comes to, if it were approved now.
    pub latest_end: Instant,
    /// The accounts that it would be charged to, as they stand before that.
    pub budgets: Vec<BudgetView>,
    /// Why it passes more stages than its tier and case ask for, as sentences.
    pub causes: Vec<String>,
    /// Which renewal it would be.
    pub generation: Option<u32>,
    /// The most uses.
    pub max_uses: Option<u32>,
    /// What must hold.
    pub premise: Option<PremiseView>,
    /// The incident that it ends with, as a sentence.
    pub ends_with: Option<String>,
    /// The page's present.
    pub now: Instant,
}

/// One kind of change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// The outcome without it.
    pub before: Outcome,
    /// The outcome with it.
    pub after: Outcome,
    /// How many decisions.
    pub count: usize,
    /// A few of them.
    pub examples: Vec<ExampleView>,
}

/// One recorded decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleView {
    /// When.
    pub at: Instant,
    /// "ci/payments deploy payments-prod".
    pub words: String,
}

/// One stage of the approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageForecast {
    /// Its name.
    pub name: String,
    /// What it demands: "1 of Payments owners".
    pub demand: String,
    /// Who can decide in it now, and who must not.
    pub deciders: DecidersView,
    /// Who else is asked in it, or will be.
    pub joining: Vec<JoiningView>,
}
