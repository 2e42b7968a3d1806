//! An opt-out as it stands in one of its immutable revisions.

use super::{Cause, Conditions, Details, Direction, Lineage, Need, OptOutEvent, OptOutState, Recurrence};
use crate::break_glass::BreakGlass;
use crate::digest::Digest;
use crate::id::OptOutId;
use crate::name::{RuleId, ScenarioId, TeamName, TierName};
use crate::rule::RuleTexts;
use crate::scope::{Coverage, Scope};
use crate::signal::Requester;
use crate::window::{Instant, Phase, Window};
use crate::zone::Zone;
use serde::{Deserialize, Serialize};

/// A rule that a bypass names, with the text that the approvers saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedRule {
    /// The rule.
    pub id: RuleId,
    /// SHA-256 of its Cedar text at approval; another text suspends the bypass, unless the policy version carries it over.
    pub body_digest: Digest,
}

/// One revision of an opt-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOut {
    /// Its id.
    pub id: OptOutId,
    /// Counted from one; each change makes a new one.
    pub revision: u32,
    /// Which way.
    pub direction: Direction,
    /// The case it stands on.
    pub scenario: ScenarioId,
    /// A few words for lists: "Ledger reads during the Q4 audit".
    pub title: String,
    /// Why.
    pub reason: String,
    /// Where the reason is tracked.
    pub ticket: Option<String>,
    /// Who asked, or which signal opened it.
    pub requested_by: Requester,
    /// Where the glass was broken for it: in which incident, and how sure Spillway was of who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// What else its case asks for.
    #[serde(default)]
    pub details: Details,
    /// What it covers.
    pub scope: Scope,
    /// What the scope covered at submission, and after approval at approval.
    pub coverage: Coverage,
    /// The strictest tier it covers: it ignores inputs of a stricter one.
    pub tier: TierName,
    /// That tier's rank.
    pub tier_rank: u32,
    /// The teams that own what it covers.
    pub teams: std::collections::BTreeSet<TeamName>,
    /// The rules that a bypass takes out, as they stood.
    pub pinned: Vec<PinnedRule>,
    /// From when, until when. There is no opt-out without an end.
    pub window: Window,
    /// The hours of the week in which it applies, within its window; absent: all of them. They stay as they were asked
    /// for: narrowing does not touch them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// The zone in which its times were asked for, where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The state last stored.
    pub state: OptOutState,
    /// The most decisions that it may apply to (bypass).
    pub max_uses: Option<u32>,
    /// When it was asked for.
    pub requested_at: Instant,
    /// Until when approvers may decide.
    pub lapses_at: Instant,
    /// When the last approver approved.
    pub approved_at: Option<Instant>,
    /// What it renews.
    #[serde(default)]
    pub lineage: Option<Lineage>,
    /// Why it passes more stages than its tier and case ask for.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// Whether it is still needed (bypass).
    #[serde(default)]
    pub need: Need,
    /// What it hangs on beyond its window (bypass).
    #[serde(default)]
    pub conditions: Conditions,
}

impl OptOut {
    /// The state at an instant: start, end, exhaustion and lapse follow from the row, and no job has to run.
    ///
    /// `uses` is how many decisions it has applied to.
    pub fn state_at(&self, now: Instant, uses: u32) -> OptOutState {
        let step = |state: OptOutState, event| state.on(event).unwrap_or(state);
        match self.state {
            pending if pending.is_pending() => {
                // Not at its window's end: where only a length was asked for, the window is moved to begin at the approval.
                if now >= self.lapses_at {
                    step(pending, OptOutEvent::Lapsed)
                } else {
                    pending
                }
            }
            OptOutState::Approved => match self.window.phase(now) {
                Phase::Before => OptOutState::Approved,
                Phase::Within | Phase::After => {
                    self.over(step(OptOutState::Approved, OptOutEvent::Started), now, uses)
                }
            },
            state => self.over(state, now, uses),
        }
    }

    /// Exhaustion comes before expiry: uses are spent while the window is open, and what was exhausted then must not read
    /// as expired later. In between comes the end of what nobody said is still needed. States that allow none of them stay
    /// as they are.
    fn over(&self, state: OptOutState, now: Instant, uses: u32) -> OptOutState {
        let spent = self.spent(state, uses);
        let closed = match self.closes_at() {
            Some(closes_at) if now >= closes_at => spent.on(OptOutEvent::ClosedEarly).unwrap_or(spent),
            Some(_) | None => spent,
        };
        if self.window.phase(now) == Phase::After {
            closed.on(OptOutEvent::Expired).unwrap_or(closed)
        } else {
            closed
        }
    }

    /// When it closes by itself before its end, because it was found needless and nobody has said otherwise. A `to_manual`
    /// never does, whatever its row says, nor does one while it is suspended: nobody could say what it is good for.
    pub fn closes_at(&self) -> Option<Instant> {
        match self.direction {
            Direction::Bypass => self.need.asked.map(|asked| asked.closes_at),
            Direction::ToManual => None,
        }
        .filter(|_| self.state != OptOutState::Suspended)
        .filter(|closes_at| *closes_at < self.window.ends_at())
    }

    fn spent(&self, state: OptOutState, uses: u32) -> OptOutState {
        match (self.direction, self.max_uses) {
            (Direction::Bypass, Some(most)) if uses >= most => {
                state.on(OptOutEvent::Exhausted).unwrap_or(state)
            }
            (Direction::Bypass | Direction::ToManual, _) => state,
        }
    }

    /// Whether it is active at an instant: never outside its window, even where a node whose clock runs ahead stored that
    /// it is. One with hours of its own stays active between them.
    pub fn is_active(&self, now: Instant, uses: u32) -> bool {
        self.window.contains(now) && self.state_at(now, uses) == OptOutState::Active
    }

    /// Whether every pinned rule still has the text that the approvers saw, or the policy version carries that over. A
    /// bypass of a rule changed otherwise is out of force from the moment the change is published, before any worker has
    /// marked it suspended.
    pub fn pins_hold(&self, texts: &RuleTexts) -> bool {
        self.pinned
            .iter()
            .all(|pin| texts.honour(&pin.id, &pin.body_digest))
    }
}
