//! Renewal: a new opt-out that takes over from one that ends. It needs a fresh reason and a fresh approval, lasts at most half
//! as long as the one before it did, and all of them together become no older than their case allows.

use super::{Direction, OptOut, OptOutState, Premise, Recurrence};
use crate::id::OptOutId;
use crate::name::ScenarioId;
use crate::scenario::Scenario;
use crate::scope::Scope;
use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// How long after its end an opt-out can still be renewed, in days. Later it is a new case, asked for anew.
pub const RENEWABLE_DAYS: i64 = 14;

/// What an opt-out renews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// The one before it.
    pub parent: OptOutId,
    /// How often it was renewed by now; the first renewal is one.
    pub generation: u32,
    /// When the first of them all began.
    pub first_started_at: Instant,
    /// When the last of them must have ended, where their case says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_end_by: Option<Instant>,
}

/// Why somebody may not renew this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenewalError {
    /// It is neither in force nor recently ended by itself.
    #[error("what is {} cannot be renewed", .0.words())]
    State(OptOutState),
    /// It ended too long ago.
    #[error("it ended more than {RENEWABLE_DAYS} days ago: ask for a new one")]
    TooLate,
    /// Another case.
    #[error("a renewal stays with its case")]
    Scenario,
    /// The other direction.
    #[error("a renewal keeps its direction")]
    Direction,
    /// It covers something that the one before did not.
    #[error("a renewal covers what the one before it covers, or less")]
    Wider,
    /// It applies in other hours.
    #[error("a renewal keeps the hours of the one before it")]
    Hours,
    /// Without the premise of the one before it, or on another.
    #[error("a renewal keeps the condition of the one before it: {0}")]
    Premise(String),
    /// More uses.
    #[error("a renewal has no more uses than the one before it: at most {0}")]
    MoreUses(u32),
    /// As often as the case allows.
    #[error("{}", times(*.0))]
    TooOften(u32),
    /// As old as the case allows.
    #[error("this case and its renewals have become as old as they may")]
    TooOld,
    /// So often halved that nothing is left.
    #[error("half of its length is less than a minute")]
    NothingLeft,
    /// What was said last time.
    #[error("say why it is still needed: this is what was said last time")]
    SameReason,
}

fn times(most: u32) -> String {
    match most {
        0 => "this case cannot be renewed".to_owned(),
        1 => "this case can be renewed once".to_owned(),
        most => format!("this case can be renewed {most} times"),
    }
}

impl RenewalError {
    /// The field of the request that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Direction => "direction",
            Self::Wider => "scope",
            Self::Hours => "hours/days",
            Self::SameReason => "reason",
            Self::Premise(_) => "premise/kind",
            Self::MoreUses(_) => "max_uses",
            Self::State(_) | Self::TooLate | Self::TooOften(_) | Self::TooOld | Self::NothingLeft => "renews",
        }
    }

    /// A code that clients may read.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::State(_) => "not_renewable",
            Self::TooLate => "renewed_too_late",
            Self::Scenario => "another_case",
            Self::Direction => "another_direction",
            Self::Wider => "wider",
            Self::Hours => "other_hours",
            Self::Premise(_) => "another_premise",
            Self::MoreUses(_) => "more_uses",
            Self::TooOften(_) => "renewed_too_often",
            Self::TooOld => "too_old",
            Self::NothingLeft => "nothing_left",
            Self::SameReason => "same_reason",
        }
    }
}

/// A length after so many renewals: half of it for each.
pub const fn halved(secs: i64, generation: u32) -> i64 {
    match secs.checked_shr(generation) {
        Some(left) => left,
        None => 0,
    }
}

impl OptOut {
    /// Whether it can be renewed at an instant: while it is in force, and for a while after it has ended by itself. What
    /// somebody ended, or nobody needed, is not.
    pub fn renewable(&self, now: Instant, uses: u32) -> Result<(), RenewalError> {
        match self.state_at(now, uses) {
            OptOutState::Active => Ok(()),
            OptOutState::Expired | OptOutState::Exhausted => {
                let since = now - self.window.ends_at();
                if since < chrono::TimeDelta::days(RENEWABLE_DAYS) {
                    Ok(())
                } else {
                    Err(RenewalError::TooLate)
                }
            }
            state => Err(RenewalError::State(state)),
        }
    }

    /// What its renewal would come from, under its case as it stands now.
    pub fn next_of_line(
        &self,
        scenario: &Scenario,
        now: Instant,
        uses: u32,
    ) -> Result<Lineage, RenewalError> {
        self.renewable(now, uses)?;
        let generation = self
            .lineage
            .map_or(0, |lineage| lineage.generation)
            .saturating_add(1);
        if let Some(most) = scenario.most_renewals.filter(|most| generation > *most) {
            return Err(RenewalError::TooOften(most));
        }
        let first_started_at = self
            .lineage
            .map_or(self.window.starts_at(), |lineage| lineage.first_started_at);
        let must_end_by = scenario
            .cumulative_secs
            .and_then(chrono::TimeDelta::try_seconds)
            .and_then(|age| first_started_at.checked_add_signed(age));
        if must_end_by.is_some_and(|end| end <= now) {
            return Err(RenewalError::TooOld);
        }
        Ok(Lineage {
            parent: self.id,
            generation,
            first_started_at,
            must_end_by,
        })
    }

    /// Everything about a renewal that is not as it was here and would have to be: case, direction, scope, hours where it
    /// had any. And a reason that is, and would not.
    pub fn not_kept(
        &self,
        scenario: &ScenarioId,
        direction: Direction,
        scope: &Scope,
        recurrence: Option<&Recurrence>,
        reason: &str,
    ) -> Vec<RenewalError> {
        let plain = |text: &str| {
            text.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .to_lowercase()
        };
        [
            (self.scenario != *scenario).then_some(RenewalError::Scenario),
            (self.direction != direction).then_some(RenewalError::Direction),
            (!self.scope.encloses(scope)).then_some(RenewalError::Wider),
            (self.recurrence.is_some() && self.recurrence.as_ref() != recurrence)
                .then_some(RenewalError::Hours),
            (plain(&self.reason) == plain(reason)).then_some(RenewalError::SameReason),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What a renewal would have to hang on as this does, and does not: its premise, and the most uses where it has any.
    pub fn not_bounded_alike(&self, premise: Option<&Premise>, max_uses: Option<u32>) -> Vec<RenewalError> {
        let own = self.conditions.premise.as_ref();
        [
            own.filter(|own| !premise.is_some_and(|premise| own.is_kept_by(premise)))
                .map(|own| RenewalError::Premise(own.sentence().trim_end_matches('.').to_owned())),
            self.max_uses
                .filter(|most| max_uses.is_none_or(|uses| uses > *most))
                .map(RenewalError::MoreUses),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Lineage {
    /// The longest length that is left to a renewal of one that lasts `parent_secs`: half of that, half of what its case
    /// allows for each generation, and not beyond what all of them may become.
    pub fn longest_secs(
        &self,
        parent_secs: i64,
        first_longest_secs: i64,
        starts_at: Instant,
    ) -> Result<i64, RenewalError> {
        let half = halved(first_longest_secs, self.generation).min(halved(parent_secs, 1));
        if half < 60 {
            return Err(RenewalError::NothingLeft);
        }
        match self.must_end_by.map(|end| (end - starts_at).num_seconds()) {
            Some(left) if left < 1 => Err(RenewalError::TooOld),
            Some(left) => Ok(half.min(left)),
            None => Ok(half),
        }
    }
}
