//! Who may not decide, and why. No role is exempt, administrators included.

use crate::name::PersonId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a person may not decide an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// They asked.
    Requester,
    /// It was asked for them, or on their behalf.
    Subject,
    /// They are in a bypass's principal scope.
    Beneficiary,
    /// They started the workload that asks.
    Initiator,
    /// They are named as an owner of the workload that asks or is exempted.
    WorkloadOwner,
    /// They wrote the policy change.
    Author,
    /// They let through what is looked at.
    Approver,
}

impl Exclusion {
    /// A sentence for the person concerned.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Requester => "You asked for this, so you cannot decide it.",
            Self::Subject => "This was asked for you, so you cannot decide it.",
            Self::Beneficiary => "You would be exempted by this, so you cannot decide it.",
            Self::Initiator => "You started the job that asks, so you cannot decide it.",
            Self::WorkloadOwner => "You are named as an owner of the workload, so you cannot decide this.",
            Self::Author => "You wrote this change, so you cannot decide it.",
            Self::Approver => "You let this through, so somebody else has to look at it.",
        }
    }

    /// Why, after a name: "Bob Okafor, who asked for it".
    pub const fn who(self) -> &'static str {
        match self {
            Self::Requester => "who asked for it",
            Self::Subject => "for whom it is",
            Self::Beneficiary => "who would be exempted by it",
            Self::Initiator => "who started the job that asks",
            Self::WorkloadOwner => "who is named as an owner of the workload",
            Self::Author => "who wrote the change",
            Self::Approver => "who let it through",
        }
    }
}

/// All who are excluded, each with the first reason found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exclusions(BTreeMap<PersonId, Exclusion>);

impl Exclusions {
    /// Adds a person; an earlier reason stays.
    pub fn add(&mut self, person: PersonId, why: Exclusion) {
        self.0.entry(person).or_insert(why);
    }

    /// Everyone excluded by either: exclusions only ever grow between submission and vote, so that leaving a group
    /// after submission does not make a beneficiary an approver.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        for (person, why) in &other.0 {
            self.add(person.clone(), *why);
        }
        self
    }

    /// Why this person is excluded, if so.
    pub fn of(&self, person: &PersonId) -> Option<Exclusion> {
        self.0.get(person).copied()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&PersonId, Exclusion)> {
        self.0.iter().map(|(person, why)| (person, *why))
    }
}
