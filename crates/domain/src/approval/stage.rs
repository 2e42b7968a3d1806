//! One stage of a plan: what it demands, and of whom once nobody answers.

use super::escalation::{AskedToo, Escalation, Widening};
use super::quorum::{Approver, Concerned, Quorum};
use super::seats;
use super::vote::Vote;
use crate::window::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What it is called: "Payments owners".
    pub name: String,
    /// What it demands.
    pub quorum: Quorum,
    /// How many of those who are asked have to say no before that settles it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub denials: u32,
    /// Who is asked too once nobody has voted for so long, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalate: Vec<Escalation>,
    /// Who is asked too by now. Never in a policy's text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_too: Vec<AskedToo>,
}

const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_one(denials: &u32) -> bool {
    *denials == 1
}

impl Stage {
    /// A stage that one no settles and that never escalates.
    pub fn new(name: impl Into<String>, quorum: Quorum) -> Self {
        Self {
            name: name.into(),
            quorum,
            denials: one(),
            escalate: Vec::new(),
            asked_too: Vec::new(),
        }
    }

    /// Puts those whom an item concerns in the place of [`Approver::ResourceOwners`] and [`Approver::RequesterManager`].
    /// Where several teams own what is asked for, each of them has to agree.
    pub fn resolve(&self, concerned: &Concerned) -> Self {
        Self {
            name: self.name.clone(),
            quorum: self.quorum.resolve(concerned),
            denials: self.denials,
            escalate: self.escalate.iter().map(|next| next.resolve(concerned)).collect(),
            asked_too: self.asked_too.clone(),
        }
    }

    /// What it demands by now: as many as ever, of those too who joined.
    pub fn demand(&self) -> Quorum {
        self.asked_too
            .iter()
            .fold(self.quorum.clone(), |demand, more| demand.or(&more.to))
    }

    /// Whether these votes fill it. Whoever voted after a list joined, and is on it, fills any of its seats; whoever voted
    /// before counts as what they were asked as then. Without that, a list that joins could fill a seat by itself, with
    /// somebody who had voted for another one.
    pub(super) fn is_filled_by(&self, approvals: &[&Vote]) -> bool {
        let can = |voter: usize, seat: seats::Seat<'_>| {
            approvals.get(voter).is_some_and(|vote| self.counts(vote, seat))
        };
        seats::alternatives(&self.quorum).is_some_and(|ways| {
            ways.iter()
                .any(|way| !way.is_empty() && seats::fills_by(way, approvals.len(), &can))
        })
    }

    /// Whether this vote fills this seat of it.
    pub(super) fn counts(&self, vote: &Vote, seat: seats::Seat<'_>) -> bool {
        seats::takes(seat, &vote.capacities)
            || self
                .asked_too
                .iter()
                .filter(|more| more.at <= vote.at)
                .any(|more| seats::takes(&more.to, &vote.capacities))
    }

    /// Whether somebody who can act as these could fill this seat of it by a vote that is still to come.
    pub(super) fn could_count(&self, capacities: &BTreeSet<Approver>, seat: seats::Seat<'_>) -> bool {
        seats::takes(seat, capacities)
            || self
                .asked_too
                .iter()
                .any(|more| seats::takes(&more.to, capacities))
    }

    /// The next list and when it joins, where nobody votes after `silent_since`.
    pub fn next_escalation(&self, silent_since: Instant) -> Option<(&Escalation, Instant)> {
        let joined = self
            .asked_too
            .iter()
            .filter(|more| more.why == Widening::Silence)
            .count();
        let next = self.escalate.get(joined)?;
        Some((next, next.due_at(silent_since)?))
    }

    /// Lets everybody join whose time has come; who did.
    pub(super) fn escalate(&mut self, silent_since: Instant, now: Instant) -> Vec<AskedToo> {
        let mut joined = Vec::new();
        while let Some((next, at)) = self.next_escalation(silent_since).filter(|(_, at)| *at <= now) {
            let more = AskedToo {
                why: Widening::Silence,
                at,
                to: next.to.clone(),
            };
            self.asked_too.push(more.clone());
            joined.push(more);
        }
        joined
    }

    /// Whether the fallback has joined.
    pub(super) fn has_fallen_back(&self) -> bool {
        self.asked_too.iter().any(|more| more.why == Widening::NobodyLeft)
    }

    /// A stage that demands what either demands. A no counts as much as in the one where it counts for more.
    ///
    /// Where both say the same, who has joined this one stays. Where not, who joined one has not joined the other: their
    /// votes may have to be made up for, and of those who join later only lists that both name do, as late as either says:
    /// no text says that anybody else may stand in for both.
    pub(super) fn union(&self, other: &Self) -> Self {
        let denials = self.denials.min(other.denials);
        if self.quorum == other.quorum && self.escalate == other.escalate {
            return Self {
                denials,
                ..self.clone()
            };
        }
        let (one, two) = (self.demand(), other.demand());
        let stricter = if one.includes(&two) {
            Some(self)
        } else if two.includes(&one) {
            Some(other)
        } else {
            None
        };
        if let Some(stricter) = stricter {
            let joined = !self.asked_too.is_empty() || !other.asked_too.is_empty();
            return Self {
                denials,
                escalate: if joined {
                    Vec::new()
                } else {
                    stricter.escalate.clone()
                },
                ..stricter.clone()
            };
        }
        Self {
            name: if self.name == other.name {
                self.name.clone()
            } else {
                format!("{} and {}", self.name, other.name)
            },
            quorum: Quorum::All { all: vec![one, two] },
            denials,
            escalate: self.escalations_of_both(other),
            asked_too: Vec::new(),
        }
    }

    /// The lists that both name, as late as either says.
    fn escalations_of_both(&self, other: &Self) -> Vec<Escalation> {
        let mut both: Vec<Escalation> = Vec::new();
        for one in &self.escalate {
            let Some(two) = other.escalate.iter().find(|two| two.to == one.to) else {
                continue;
            };
            let after_secs = one.after_secs.max(two.after_secs);
            if both.iter().all(|next| next.to != one.to) {
                both.push(Escalation {
                    after_secs,
                    to: one.to.clone(),
                });
            }
        }
        both.sort_by_key(|next| next.after_secs);
        both
    }

    /// Everybody whom it asks by now.
    pub fn asks(&self) -> BTreeSet<Approver> {
        self.demand().approvers().into_iter().cloned().collect()
    }
}
