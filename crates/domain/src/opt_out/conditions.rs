//! What a bypass hangs on beyond its window: a premise, an incident, and what happened when one of them fell.

use super::premise::{Premise, Reading};
use super::{Direction, OptOut, OptOutError, OptOutEvent, OptOutState, PinnedRule};
use crate::name::{IncidentId, PersonId, RuleId, visible_chars};
use crate::rule::RuleTexts;
use crate::window::{Instant, Window};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most characters of why it should be put back.
const LONGEST_REASON: usize = 2_000;

/// All of it; a `to_manual` has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// What must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premise: Option<Premise>,
    /// The incident that it ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// Why it is suspended, and who wants it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// How often it was asked to be put back: votes belong to one round.
    #[serde(default)]
    pub round: u32,
}

impl Conditions {
    /// The incident that it stands on.
    pub fn incident(&self) -> Option<&IncidentId> {
        let bound = self.bound.as_ref().map(|bound| &bound.incident);
        bound.or_else(|| self.premise.as_ref()?.incident())
    }
}

/// It ends a while after its incident was resolved, or at its own end, whichever comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Which.
    pub incident: IncidentId,
    /// How long after.
    pub grace_secs: i64,
    /// When it was resolved, as far as this opt-out goes: being opened again changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Instant>,
}

/// Why it is out of force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when that is known.
    pub at: Instant,
    /// Why.
    pub cause: SuspensionCause,
    /// Who wants it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AskedAgain>,
}

/// What fell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cause")]
pub enum SuspensionCause {
    /// Rules that it names have another text.
    RuleChanged {
        /// Which.
        rules: BTreeSet<RuleId>,
    },
    /// Its premise does not hold.
    PremiseFell {
        /// What was read.
        reading: Reading,
    },
}

/// Somebody wants it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAgain {
    /// Since when.
    pub at: Instant,
    /// Who.
    pub by: PersonId,
    /// Why.
    pub reason: String,
    /// Its rules as they stood then: the texts that its approvers are asked about, and that it comes back with. None where
    /// it was asked before they were kept: those that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<PinnedRule>,
}

/// Why it cannot be asked to be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskAgainError {
    /// It is not suspended.
    #[error("This opt-out is {}.", .0.words())]
    State(OptOutState),
    /// Its approvers are asked already.
    #[error("Its approvers are asked already.")]
    Asked,
    /// No reason.
    #[error("Say why it should be in force again.")]
    NoReason,
    /// Too long a reason.
    #[error("A reason has at most {LONGEST_REASON} characters.")]
    LongReason,
}

/// What is left of an opt-out once its incident is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// It ends earlier than it would have.
    Shorter(Box<OptOut>),
    /// It would end before it begins.
    Nothing,
    /// As it was.
    All,
}

impl OptOut {
    /// The next revision, ending no later than its grace after its incident was resolved. The end only moves earlier.
    pub fn incident_resolved(mut self, resolved_at: Instant) -> Left {
        let Some(bound) = self.conditions.bound.as_mut() else {
            return Left::All;
        };
        bound.resolved_at = Some(resolved_at);
        let ends_at = TimeDelta::try_seconds(bound.grace_secs)
            .and_then(|grace| resolved_at.checked_add_signed(grace))
            .unwrap_or(resolved_at);
        if ends_at >= self.window.ends_at() {
            return Left::All;
        }
        match Window::new(self.window.starts_at(), ends_at) {
            Ok(window) => {
                self.window = window;
                self.revision = self.revision.saturating_add(1);
                Left::Shorter(Box::new(self))
            }
            Err(_) => Left::Nothing,
        }
    }

    /// The next revision, out of force until it is approved again. A `to_manual` never is.
    pub fn suspend(mut self, cause: SuspensionCause, now: Instant, uses: u32) -> Result<Self, OptOutError> {
        let state = self.state_at(now, uses);
        if self.direction == Direction::ToManual {
            return Err(OptOutError { state });
        }
        self.state = state.on(OptOutEvent::Suspended)?;
        // Nobody answers whether it is needed while it does nothing: the question ends with its force.
        self.need.asked = None;
        self.conditions.suspension = Some(Suspension {
            at: now,
            cause,
            asked: None,
        });
        self.revision = self.revision.saturating_add(1);
        Ok(self)
    }

    /// The next revision, before its approvers once more, in a new round. They can decide until `until`, on its rules as
    /// `pins` has them: what they are asked about already is asked again only where one of these has another text since.
    pub fn ask_again(
        mut self,
        by: PersonId,
        reason: &str,
        pins: Vec<PinnedRule>,
        until: Instant,
        now: Instant,
        uses: u32,
    ) -> Result<Self, AskAgainError> {
        let state = self.state_at(now, uses);
        if state != OptOutState::Suspended {
            return Err(AskAgainError::State(state));
        }
        if self.is_asked_again(now, uses) && self.pins_asked_about() == pins {
            return Err(AskAgainError::Asked);
        }
        let reason = reason.trim();
        if visible_chars(reason) == 0 {
            return Err(AskAgainError::NoReason);
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(AskAgainError::LongReason);
        }
        if let Some(suspension) = self.conditions.suspension.as_mut() {
            suspension.asked = Some(AskedAgain {
                at: now,
                by,
                reason: reason.to_owned(),
                pins,
            });
        }
        self.conditions.round = self.conditions.round.saturating_add(1);
        self.lapses_at = until.min(self.window.ends_at());
        self.revision = self.revision.saturating_add(1);
        Ok(self)
    }

    /// Whether its approvers can put it back.
    pub fn is_asked_again(&self, now: Instant, uses: u32) -> bool {
        self.state_at(now, uses) == OptOutState::Suspended
            && now < self.lapses_at
            && self.wanted_by().is_some()
    }

    /// Whether it waits for votes: for the first time, or to be put back.
    pub fn is_before_approvers(&self, now: Instant, uses: u32) -> bool {
        self.state_at(now, uses).is_pending() || self.is_asked_again(now, uses)
    }

    /// Since when its approvers are asked.
    pub fn asked_since(&self) -> Instant {
        let suspension = self.conditions.suspension.as_ref();
        let asked = suspension.and_then(|suspension| suspension.asked.as_ref());
        asked.map_or(self.requested_at, |asked| asked.at)
    }

    /// When its incident was resolved, if it ends with one that was.
    pub fn ended_with(&self) -> Option<Instant> {
        self.conditions.bound.as_ref()?.resolved_at
    }

    /// Who wants it back.
    pub fn wanted_by(&self) -> Option<&PersonId> {
        let suspension = self.conditions.suspension.as_ref()?;
        suspension.asked.as_ref().map(|asked| &asked.by)
    }

    /// The texts of its rules that its approvers decide on: those that it was asked for with.
    pub fn pins_asked_about(&self) -> &[PinnedRule] {
        let suspension = self.conditions.suspension.as_ref();
        suspension
            .and_then(|suspension| suspension.asked.as_ref())
            .map(|asked| asked.pins.as_slice())
            .filter(|pins| !pins.is_empty())
            .unwrap_or(&self.pinned)
    }

    /// Whether the rules still have the texts that its approvers are asked about, or the policy version carries those over.
    pub fn pins_asked_about_hold(&self, texts: &RuleTexts) -> bool {
        self.pins_asked_about()
            .iter()
            .all(|pin| texts.honour(&pin.id, &pin.body_digest))
    }

    /// In force again with the rules as its approvers saw them, or not: the question is answered.
    pub fn answered_again(&mut self, back: bool) {
        if back {
            self.pinned = self.pins_asked_about().to_vec();
            self.need.asked = None;
        }
        match (&mut self.conditions.suspension, back) {
            (suspension, true) => *suspension = None,
            (Some(suspension), false) => suspension.asked = None,
            (None, false) => {}
        }
    }
}
