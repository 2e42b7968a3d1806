//! One opt-out whole.

use domain::{
    approval::Verdict,
    decision::UseEffect,
    enforcement::Done,
    event::EventKind,
    opt_out::{Direction, OptOutState},
    outcome::Outcome,
    post_review::ReviewState,
    window::Instant,
};
use serde::{Deserialize, Serialize};

use super::hours::{HoursView, ScheduleView};
use super::{PremiseView, SuspensionView};
use crate::{
    approvals::{BeforeVoteView, deciders::DecidersView, joining::JoiningView},
    budgets::BudgetView,
    comments::view::CommentsView,
    component::badge::TierView,
};

/// One opt-out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOutView {
    /// Its id in the outer form.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state at the page's present.
    pub state: OptOutState,
    /// Which way.
    pub direction: Direction,
    /// The strictest tier that it covers.
    pub tier: TierView,
    /// The name of its case.
    pub scenario: String,
    /// Why.
    pub reason: String,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// What its case asked for besides: name and text.
    pub details: Vec<(String, String)>,
    /// Why it passes more stages than its tier and case ask for, as sentences.
    pub causes: Vec<String>,
    /// The accounts that it is charged to, as they stand now.
    pub budgets: Vec<BudgetView>,
    /// What it renews and what renews it.
    pub line: Option<LineView>,
    /// The open question whether it is needed.
    pub need: Option<NeedView>,
    /// Why it was kept.
    pub kept: Option<KeptView>,
    /// What must hold.
    pub premise: Option<PremiseView>,
    /// The incident that it ends with, as a sentence.
    pub ends_with: Option<String>,
    /// Why it is out of force, and how it comes back.
    pub suspension: Option<SuspensionView>,
    /// What it covers.
    pub scope: ScopeView,
    /// Its stages.
    pub stages: Vec<StageProgressView>,
    /// When it was asked for.
    pub requested_at: Instant,
    /// Who asked, by name.
    pub requested_by: String,
    /// When it starts or started.
    pub starts_at: Instant,
    /// When it ends by itself.
    pub ends_at: Instant,
    /// Its start and end, where they were asked for in a zone.
    pub schedule: Option<ScheduleView>,
    /// The hours of the week in which it applies, where it has any.
    pub hours: Option<HoursView>,
    /// When it ended before that.
    pub ended_at: Option<Instant>,
    /// Until when it can be decided.
    pub lapses_at: Instant,
    /// How long it lasts, in seconds.
    pub length_secs: i64,
    /// The most uses.
    pub max_uses: Option<u32>,
    /// The glass that was broken for it.
    pub broken: Option<BrokenView>,
    /// Whether the reader may confirm the signal that opened it.
    pub confirm_signal: May,
    /// The review that is owed for it, or was concluded.
    pub review: Option<ReviewLinkView>,
    /// What was asked for, where it has been narrowed since.
    pub narrowed: Option<NarrowedView>,
    /// The newest uses.
    pub uses: Vec<UseView>,
    /// How many there are.
    pub uses_total: i64,
    /// How many of them changed the outcome.
    pub uses_changed: i64,
    /// What was said about it.
    pub comments: CommentsView,
    /// How similar ones went; none where nothing is to be decided, or not by the reader.
    pub precedents: Option<PrecedentsView>,
    /// What happened, newest first.
    pub happened: Vec<HappenedView>,
    /// Whether the reader may decide it.
    pub vote: May,
    /// How many more noes settle it.
    pub noes_left: u32,
    /// What the reader decides on, where they may vote.
    pub before_vote: Option<BeforeVoteView>,
    /// Whether the reader may end it.
    pub revoke: May,
    /// In whose place the reader votes.
    pub votes_for: Option<String>,
    /// Whether the reader may take it back.
    pub may_withdraw: bool,
    /// Whether the reader may ask for its renewal.
    pub may_renew: bool,
    /// Whether the reader may close it because it is not needed.
    pub may_close: bool,
    /// Whether the reader may say why it is kept.
    pub may_keep: bool,
    /// Whether the reader may open decisions and events in the audit log.
    pub may_audit: bool,
    /// The page's present.
    pub now: Instant,
}

/// How similar ones went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrecedentsView {
    /// "41 in 90 days · 39 approved"; none where there were none.
    pub summary: Option<String>,
    /// The newest of them.
    pub rows: Vec<PrecedentView>,
}

/// A similar one that was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrecedentView {
    /// Its id in the outer form.
    pub id: String,
    /// Who asked, and for what.
    pub what: String,
    /// Its state at the page's present.
    pub state: OptOutState,
    /// Who said what.
    pub decided_by: String,
    /// When it was asked for.
    pub at: Instant,
}

/// A glass that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenView {
    /// The incident's id.
    pub incident: String,
    /// Whether the identity provider could not be asked.
    pub weak_sign_in: bool,
    /// Whether nobody voted on it.
    pub at_once: bool,
    /// Who would have decided, by name.
    pub skipped: Vec<String>,
    /// Who was told, and what has not arrived.
    pub told: Vec<ToldView>,
}

/// Somebody, or a machine, that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldView {
    /// By name.
    pub who: String,
    /// "mail delivered".
    pub how: String,
    /// Whether it has arrived.
    pub state: ToldState,
}

/// Whether somebody knows by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldState {
    /// An attempt failed.
    NotDelivered,
    /// It may be.
    UnderWay,
    /// It has arrived.
    Told,
}

/// Where its review is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewLinkView {
    /// Its id in the outer form.
    pub id: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Whether nobody has looked in time.
    pub overdue: bool,
    /// By when somebody has to have looked.
    pub due_at: Instant,
}

/// Where an opt-out stands among its renewals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// How often it was renewed by now.
    pub generation: u32,
    /// When the first of them began, where this is a renewal.
    pub first_started_at: Option<Instant>,
    /// When the last of them must have ended.
    pub must_end_by: Option<Instant>,
    /// The one before, where the reader may see it.
    pub parent: Option<RelativeView>,
    /// Those that renew this one, where the reader may see them.
    pub renewals: Vec<RelativeView>,
}

/// Another opt-out of the same line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelativeView {
    /// Its id in the outer form.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state at the page's present.
    pub state: OptOutState,
}

/// The question whether it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedView {
    /// Since when it is asked.
    pub found_at: Instant,
    /// When it closes unless somebody answers.
    pub closes_at: Instant,
    /// Whether it was kept before, so that it cannot be again.
    pub kept_before: bool,
}

/// Why it was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptView {
    /// Who said so, by name.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// Whether the reader may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum May {
    /// Yes.
    Yes,
    /// No, and why, as a sentence.
    No(String),
    /// There is nothing to do.
    Moot,
}

/// A scope in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeView {
    /// The ids of the rules that a bypass takes out.
    pub rules: Vec<String>,
    /// Those of them whose text has changed since, and which the policy version carries over.
    pub carried: Vec<String>,
    /// Who: "group auditors-external". Empty: anybody.
    pub principals: Vec<String>,
    /// How many principals it covered when it was asked for or approved.
    pub principals_covered: Option<usize>,
    /// On what: "label env=prod". Empty: anything.
    pub resources: Vec<String>,
    /// How many resources it covered when it was asked for or approved.
    pub resources_covered: Option<usize>,
    /// To do what. Empty: whatever.
    pub capabilities: Vec<String>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NarrowedView {
    /// Who narrowed it, by name.
    pub by: Vec<String>,
    /// The length asked for, in seconds.
    pub length_secs: i64,
    /// The uses asked for.
    pub max_uses: Option<u32>,
    /// The scope asked for, where that was narrowed.
    pub scope: Option<ScopeView>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageProgressView {
    /// Its name.
    pub name: String,
    /// What it demands: "1 of Payments owners".
    pub demand: String,
    /// Who can decide in it now, and who must not.
    pub deciders: DecidersView,
    /// Where it stands.
    pub state: StageStateView,
    /// The votes cast in it.
    pub votes: Vec<VoteView>,
    /// Who else is asked in it, or will be.
    pub joining: Vec<JoiningView>,
}

/// Where a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageStateView {
    /// Filled.
    Done,
    /// Waits for votes.
    Open,
    /// Comes later.
    Later,
    /// Somebody said no in it.
    Denied,
}

/// One vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteView {
    /// Whose, by name.
    pub person: String,
    /// In whose place.
    pub place_of: Option<String>,
    /// Yes or no.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// One decision that it applied to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseView {
    /// The decision's id.
    pub decision: String,
    /// When.
    pub at: Instant,
    /// "p.novak read ledger-db".
    pub words: String,
    /// The outcome without opt-outs.
    pub base: Outcome,
    /// The outcome with them.
    pub effective: Outcome,
    /// What this one did to it.
    pub effect: UseEffect,
    /// The answer; true is allow.
    pub answer: bool,
    /// What was done at the gate, where that was reported.
    pub done: Option<Done>,
}

/// One event of its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HappenedView {
    /// What kind.
    pub kind: EventKind,
    /// When.
    pub at: Instant,
    /// The subject of the sentence.
    pub who: String,
    /// What they did, after the subject.
    pub did: String,
}

impl ScopeView {
    /// The scope in a line: "group auditors-external · read · label system=ledger · out of read-needs-ticket".
    pub fn line(&self) -> String {
        let or = |list: &[String], any: &str| {
            if list.is_empty() {
                any.to_owned()
            } else {
                list.join(", ")
            }
        };
        let mut parts = vec![or(&self.principals, "anybody")];
        if !self.capabilities.is_empty() {
            parts.push(self.capabilities.join(", "));
        }
        parts.push(or(&self.resources, "anything"));
        if !self.rules.is_empty() {
            parts.push(format!("out of {}", self.rules.join(", ")));
        }
        parts.join(" · ")
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::ScopeView;

    #[test]
    fn a_line_says_who_what_where_and_out_of_what() {
        let list = |text: &str| vec![text.to_owned()];
        let mut scope = ScopeView {
            carried: Vec::new(),
            rules: list("read-needs-ticket"),
            principals: list("group auditors-external"),
            principals_covered: Some(4),
            resources: list("label system=ledger"),
            resources_covered: Some(3),
            capabilities: list("read"),
        };
        assert_eq!(
            scope.line(),
            "group auditors-external · read · label system=ledger · out of read-needs-ticket"
        );
        scope = ScopeView {
            rules: vec![],
            principals: vec![],
            capabilities: vec![],
            ..scope
        };
        assert_eq!(scope.line(), "anybody · label system=ledger");
    }
}
