//! Somebody decides in another's place for a while: a holiday, a shift.
//!
//! It lends a seat and makes none: who decides for somebody uses up that person's vote as well as their own, and whoever
//! is excluded is excluded through anybody who would decide for them. What was lent cannot be lent on.

use super::quorum::Approver;
use crate::id::DelegationId;
use crate::name::{GroupName, PersonId, TierName, visible_chars};
use crate::window::{Instant, Phase, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The longest that one may last, in seconds: 90 days. Longer, groups are what has to change.
pub const LONGEST_DELEGATION_SECS: i64 = 90 * 86_400;
/// The fewest characters of its reason.
const SHORTEST_REASON: usize = 5;
/// The most.
const LONGEST_REASON: usize = 500;

/// What of somebody's votes is lent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationScope {
    /// Only what these groups are asked for. None: everything that the person is asked for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<GroupName>,
    /// Only in these tiers. None: in all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tiers: BTreeSet<TierName>,
}

/// One delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// Whose votes.
    pub from: PersonId,
    /// Who casts them.
    pub to: PersonId,
    /// From when, until when. What is open already is covered too.
    pub window: Window,
    /// Why.
    pub reason: String,
    /// Which of them.
    pub scope: DelegationScope,
    /// When it was made.
    pub made_at: Instant,
    /// When it was ended before its time.
    pub ended_at: Option<Instant>,
}

/// Where a delegation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationState {
    /// It begins later.
    Scheduled,
    /// It counts now.
    Active,
    /// It is over.
    Ended,
}

/// Why a delegation will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DelegationError {
    /// To oneself.
    #[error("Choose somebody else: you decide for yourself already.")]
    ToOneself,
    /// Too short to say anything.
    #[error("Say why in at least {SHORTEST_REASON} characters.")]
    ReasonTooShort,
    /// Too long.
    #[error("A reason has at most {LONGEST_REASON} characters.")]
    ReasonTooLong,
    /// Over before it is made.
    #[error("The end must be later than now.")]
    Over,
    /// Longer than [`LONGEST_DELEGATION_SECS`].
    #[error("At most 90 days. Where somebody decides for longer, put them into the group.")]
    TooLong,
}

impl Delegation {
    /// Everything that is wrong with it at the moment that it is made.
    pub fn check(&self) -> Vec<DelegationError> {
        let seen = visible_chars(&self.reason);
        [
            (self.from == self.to, DelegationError::ToOneself),
            (seen < SHORTEST_REASON, DelegationError::ReasonTooShort),
            (
                self.reason.chars().count() > LONGEST_REASON,
                DelegationError::ReasonTooLong,
            ),
            (self.window.ends_at() <= self.made_at, DelegationError::Over),
            (
                self.window.length_secs() > LONGEST_DELEGATION_SECS,
                DelegationError::TooLong,
            ),
        ]
        .into_iter()
        .filter_map(|(wrong, error)| wrong.then_some(error))
        .collect()
    }

    /// Where it stands at an instant; no job has to run for it to end.
    pub fn state_at(&self, now: Instant) -> DelegationState {
        if self.ended_at.is_some_and(|ended| ended <= now) {
            return DelegationState::Ended;
        }
        match self.window.phase(now) {
            Phase::Before => DelegationState::Scheduled,
            Phase::Within => DelegationState::Active,
            Phase::After => DelegationState::Ended,
        }
    }

    /// What it lends at an instant on an item of a tier, out of what its giver can act as then. A giver who has left can
    /// act as nothing, and so lends nothing.
    pub fn lends(&self, tier: &TierName, of_giver: &BTreeSet<Approver>, now: Instant) -> Option<Lent> {
        let in_tier = self.scope.tiers.is_empty() || self.scope.tiers.contains(tier);
        if self.state_at(now) != DelegationState::Active || !in_tier {
            return None;
        }
        let capacities: BTreeSet<Approver> = of_giver
            .iter()
            .filter(|capacity| match capacity {
                Approver::Group(group) => self.scope.groups.is_empty() || self.scope.groups.contains(group),
                Approver::Person(person) => self.scope.groups.is_empty() && *person == self.from,
                Approver::ResourceOwners | Approver::RequesterManager => false,
            })
            .cloned()
            .collect();
        (!capacities.is_empty()).then(|| Lent {
            behalf: Behalf {
                person: self.from.clone(),
                delegation: self.id,
            },
            capacities,
        })
    }
}

/// For whom a vote was cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behalf {
    /// Whose seat it fills.
    pub person: PersonId,
    /// By which delegation.
    pub delegation: DelegationId,
}

/// What a voter may act as in another's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    /// Whose, and by what.
    pub behalf: Behalf,
    /// The giver's own capacities, never what was lent to them.
    pub capacities: BTreeSet<Approver>,
}
