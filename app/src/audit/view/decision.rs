//! Decisions: a list of them, and one explained.

use domain::{
    decision::Reason,
    enforcement::{Deviation, Done},
    opt_out::Direction,
    outcome::Outcome,
    principal::PrincipalKind,
    rule::Question,
    window::Instant,
};
use serde::{Deserialize, Serialize};

use super::event::PlaceView;
use crate::component::badge::TierView;

/// Which decisions the list shows: the parameters of its address, as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionQuery {
    /// Who asked: `person p.novak`, or a person's name; empty: anybody.
    pub principal: String,
    /// On what: `service payments-prod`; empty: anything.
    pub resource: String,
    /// An effective outcome; empty: any.
    pub outcome: String,
    /// `yes`: only where opt-outs changed the outcome.
    pub changed: String,
    /// The first day, `2026-11-25`, in UTC; empty: the beginning.
    pub from: String,
    /// The last day; empty: today.
    pub until: String,
    /// The id that the page begins after; empty: the newest.
    pub before: String,
}

/// One decision in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// "p.novak read ledger-db".
    pub words: String,
    /// The tier that applied.
    pub tier: TierView,
    /// The outcome without opt-outs.
    pub base: Outcome,
    /// The outcome with them.
    pub effective: Outcome,
    /// The answer given.
    pub answer: bool,
    /// Whether the answer hangs on a grant.
    pub by_grant: bool,
}

/// A page of decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionsView {
    /// Newest first.
    pub rows: Vec<DecisionRow>,
    /// The id that the next page begins after.
    pub next: Option<String>,
    /// The page's present.
    pub now: Instant,
}

/// One decision explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionView {
    /// Its id.
    pub id: String,
    /// What was really done, where the client has said so.
    pub enforcement: Option<EnforcementView>,
    /// Whether the reader could break the glass for it.
    pub may_break_glass: bool,
    /// When.
    pub at: Instant,
    /// The policy version in force, as `sha256:…`.
    pub policy_digest: String,
    /// The generation of everything that it was made from.
    pub generation: i64,
    /// The versions of the engine and of the time zones.
    pub engine: String,
    /// What kind of principal asked.
    pub principal_kind: PrincipalKind,
    /// Who asked, by id.
    pub principal: String,
    /// To do what.
    pub capability: String,
    /// On what: type and id.
    pub resource: (String, String),
    /// The client, by name.
    pub client: Option<String>,
    /// Context that the client is trusted to assert: key and value.
    pub asserted: Vec<(String, String)>,
    /// What else it sent, read by no rule.
    pub evidence: Vec<(String, String)>,
    /// The tier that applied.
    pub tier: TierView,
    /// The matched rules.
    pub rules: Vec<RuleView>,
    /// The outcome without opt-outs.
    pub base: Outcome,
    /// The opt-outs that applied.
    pub applied: Vec<AppliedView>,
    /// The outcome with them.
    pub effective: Outcome,
    /// The answer given.
    pub answer: bool,
    /// Why.
    pub reason: Reason,
    /// The grant that the answer hangs on, and when that ends.
    pub grant: Option<(String, Option<Instant>)>,
    /// What the same input comes to now.
    pub today: Option<TodayView>,
    /// What the record comes to.
    pub replay: ReplayView,
    /// The request as it came, indented.
    pub request: String,
    /// Where its leaf stands.
    pub place: PlaceView,
    /// The page's present.
    pub now: Instant,
}

/// What a client said that it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnforcementView {
    /// What.
    pub done: Done,
    /// How that differs from the answer.
    pub deviation: Deviation,
    /// When, by its clock.
    pub at: Instant,
    /// What it adds.
    pub note: String,
}

/// What a matched rule did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidView {
    /// It permits.
    Permits,
    /// It forbids.
    Forbids,
    /// It forbids, and a bypass took it out.
    TakenOut,
    /// It failed.
    Failed,
}

/// One matched rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    /// Its id.
    pub id: String,
    /// The question that it answered.
    pub question: Question,
    /// What it did.
    pub said: SaidView,
    /// What it said and what it is for, in a sentence.
    pub words: String,
}

/// One opt-out that applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// Which of its revisions.
    pub revision: u32,
    /// Which way.
    pub direction: Direction,
    /// The rules that it took out.
    pub rules: Vec<String>,
    /// Whether it is credited with the use.
    pub credited: bool,
    /// When it ends.
    pub ends_at: Option<Instant>,
}

/// The same input under what is in force now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodayView {
    /// The outcome without opt-outs.
    pub base: Outcome,
    /// The outcome with them.
    pub effective: Outcome,
    /// The answer.
    pub answer: bool,
}

/// Whether the record gives the same decision again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayView {
    /// It does.
    Same,
    /// It does not.
    Differs,
    /// It cannot be told, and why.
    Impossible(String),
}

impl DecisionQuery {
    /// Whether any filter narrows the list.
    pub fn is_filtered(&self) -> bool {
        [
            &self.principal,
            &self.resource,
            &self.outcome,
            &self.changed,
            &self.from,
            &self.until,
        ]
        .into_iter()
        .any(|value| !value.is_empty())
    }
}
