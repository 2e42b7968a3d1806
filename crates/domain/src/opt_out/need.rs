//! Whether a bypass is still needed. One that has changed no outcome for long is asked about; unanswered, it closes
//! early. A `to_manual` that has nothing to do is still wanted: nothing here ever touches one.

use super::{Direction, OptOut, OptOutState};
use crate::decision::UseEffect;
use crate::name::{PersonId, visible_chars};
use crate::window::Instant;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Days in force without an outcome changed, after which a bypass is needless. Of one with hours of its own they are two
/// weeks of them.
pub const NEEDLESS_DAYS: i64 = 14;
/// Decisions in a row without an outcome changed, after which a bypass is needless, however few days that took.
pub const LOOKED_AT: usize = 50;
/// Days to answer before it closes.
pub const ANSWER_DAYS: i64 = 7;
/// The most characters of an answer.
const LONGEST_REASON: usize = 2_000;

/// What has been asked and answered so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The open question, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// The one answer "keep it" that there can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
}

/// The question whether it can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Since when.
    pub found_at: Instant,
    /// When it closes unless somebody answers.
    pub closes_at: Instant,
}

/// Why it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When somebody said so. The clock begins anew.
    pub at: Instant,
    /// Who.
    pub by: PersonId,
    /// Why.
    pub reason: String,
}

/// A decision that it applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Instant,
    /// What it did there.
    pub effect: UseEffect,
}

/// Why it cannot be asked about or answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NeedError {
    /// A `to_manual`.
    #[error("Only a bypass is asked whether it is still needed.")]
    ToManual,
    /// It is not in force.
    #[error("This opt-out is {}.", .0.words())]
    State(OptOutState),
    /// Nobody asks, or asks already.
    #[error("Nobody asks whether it is still needed.")]
    NotAsked,
    /// It was kept before.
    #[error("It was kept once already: close it, or ask for a new one.")]
    KeptBefore,
    /// No reason.
    #[error("Say why it is still needed.")]
    NoReason,
    /// Too long a reason.
    #[error("A reason has at most {LONGEST_REASON} characters.")]
    LongReason,
}

/// Whether a bypass is needless, by the newest decisions that it applied to, newest first: [`LOOKED_AT`] that were not
/// hidden at least where there are so many, and the newest that was.
///
/// Those are enough: if one of them changed an outcome, none before it matters; if none did, they are the 50 in a row.
/// One that a `to_manual` hid says nothing of what it is good for: it is none of the 50, and the days begin anew with it.
pub fn is_needless(opt_out: &OptOut, uses: u32, newest: &[Seen], now: Instant) -> bool {
    // What an emergency was good for is asked by its review.
    if opt_out.direction == Direction::ToManual
        || opt_out.break_glass.is_some()
        || opt_out.need.asked.is_some()
        || opt_out.state_at(now, uses) != OptOutState::Active
    {
        return false;
    }
    let begun = opt_out.needed_since();
    let since: Vec<&Seen> = newest.iter().filter(|seen| seen.at >= begun).collect();
    let in_a_row = since
        .iter()
        .filter(|seen| seen.effect != UseEffect::Hidden)
        .take_while(|seen| seen.effect == UseEffect::None)
        .count();
    let idle_since = since
        .iter()
        .filter(|seen| seen.effect != UseEffect::None)
        .map(|seen| seen.at)
        .fold(begun, Instant::max);
    in_a_row >= LOOKED_AT || now - idle_since >= TimeDelta::days(NEEDLESS_DAYS)
}

/// Whether it has changed an outcome since it was asked about, so that nothing need be answered.
pub fn is_useful_again(opt_out: &OptOut, newest: &[Seen]) -> bool {
    opt_out.need.asked.is_some_and(|asked| {
        newest
            .iter()
            .any(|seen| seen.effect == UseEffect::Changed && seen.at >= asked.found_at)
    })
}

impl OptOut {
    /// From when it is looked at whether it does anything: its start, or what somebody said since. What was suspended and is
    /// approved again was not in force meanwhile, and its approvers have just agreed that it is needed.
    fn needed_since(&self) -> Instant {
        let kept_at = self.need.kept.as_ref().map(|kept| kept.at);
        [self.approved_at, kept_at]
            .into_iter()
            .flatten()
            .fold(self.window.starts_at(), Instant::max)
    }

    /// The next revision, with the question in it. Only for a bypass in force that is not asked about already.
    pub fn ask_whether_needed(mut self, now: Instant, uses: u32) -> Result<Self, NeedError> {
        self.is_bypass_in_force(now, uses)?;
        if self.need.asked.is_some() {
            return Err(NeedError::NotAsked);
        }
        self.need.asked = Some(Asked {
            found_at: now,
            closes_at: now + TimeDelta::days(ANSWER_DAYS),
        });
        self.revision = self.revision.saturating_add(1);
        Ok(self)
    }

    /// The next revision, kept for a reason. It can be kept once.
    pub fn keep(mut self, by: PersonId, reason: &str, now: Instant, uses: u32) -> Result<Self, NeedError> {
        self.is_bypass_in_force(now, uses)?;
        if self.need.asked.is_none() {
            return Err(NeedError::NotAsked);
        }
        if self.need.kept.is_some() {
            return Err(NeedError::KeptBefore);
        }
        let reason = reason.trim();
        if visible_chars(reason) == 0 {
            return Err(NeedError::NoReason);
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(NeedError::LongReason);
        }
        self.need = Need {
            asked: None,
            kept: Some(Kept {
                at: now,
                by,
                reason: reason.to_owned(),
            }),
        };
        self.revision = self.revision.saturating_add(1);
        Ok(self)
    }

    /// The next revision, without the question: it has changed an outcome since.
    pub fn ask_no_more(mut self, now: Instant, uses: u32) -> Result<Self, NeedError> {
        self.is_bypass_in_force(now, uses)?;
        if self.need.asked.take().is_none() {
            return Err(NeedError::NotAsked);
        }
        self.revision = self.revision.saturating_add(1);
        Ok(self)
    }

    fn is_bypass_in_force(&self, now: Instant, uses: u32) -> Result<(), NeedError> {
        if self.direction == Direction::ToManual {
            return Err(NeedError::ToManual);
        }
        match self.state_at(now, uses) {
            OptOutState::Active => Ok(()),
            state => Err(NeedError::State(state)),
        }
    }
}
