//! Votes and where they leave an item.

use super::exclusion::{Exclusion, Exclusions};
use super::plan::Plan;
use super::quorum::Approver;
use super::seats;
use crate::digest::Digest;
use crate::name::PersonId;
use crate::step_up::SignedInAfresh;
use crate::window::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The longest reason of a vote, in characters.
pub const LONGEST_REASON: usize = 2_000;

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No. One is enough.
    Deny,
}

/// One person's vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Whose.
    pub person: PersonId,
    /// In which stage, counted from nought.
    pub stage: u32,
    /// Yes or no.
    pub verdict: Verdict,
    /// What the person could act as at that moment; a later change of groups does not undo a vote.
    pub capacities: BTreeSet<Approver>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
    /// The digest of what they were shown ([`crate::shown`]), where the vote was bound to it.
    #[serde(default)]
    pub shown: Option<Digest>,
    /// The fresh sign-in behind it, where the tier asks for one.
    #[serde(default)]
    pub signed_in: Option<SignedInAfresh>,
}

/// Somebody who wants to vote.
#[derive(Debug, Clone)]
pub struct Voter {
    /// Who. There is no voter that is not a person.
    pub person: PersonId,
    /// What they can act as now.
    pub capacities: BTreeSet<Approver>,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// This stage waits for votes.
    Open {
        /// Counted from nought.
        stage: u32,
    },
    /// Every stage is filled.
    Approved,
    /// Somebody said no.
    Denied,
}

/// Why a vote does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VoteError {
    /// The voter is excluded.
    #[error("{}", .0.sentence())]
    Excluded(Exclusion),
    /// The voter has voted on this item.
    #[error("You have voted on this already; each person counts once, over all stages.")]
    AlreadyVoted,
    /// The voter is in no group that this stage asks.
    #[error("This stage is for others to decide.")]
    NotEligible,
    /// The item is settled.
    #[error("This has been decided already.")]
    Settled,
    /// A denial without a reason.
    #[error("Say why you deny it.")]
    ReasonMissing,
    /// A reason longer than [`LONGEST_REASON`].
    #[error("A reason has at most {LONGEST_REASON} characters.")]
    ReasonTooLong,
}

/// A vote that has been accepted, and where it leaves the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// The vote, to be stored.
    pub vote: Vote,
    /// The standing with it.
    pub standing: Standing,
}

/// Where an item stands with these votes. A person who appears twice counts once.
pub fn standing(plan: &Plan, votes: &[Vote]) -> Standing {
    if votes.iter().any(|vote| vote.verdict == Verdict::Deny) {
        return Standing::Denied;
    }
    let mut counted: BTreeSet<&PersonId> = BTreeSet::new();
    let distinct: Vec<&Vote> = votes.iter().filter(|vote| counted.insert(&vote.person)).collect();
    for (place, stage) in (0u32..).zip(&plan.stages) {
        let people: Vec<&BTreeSet<Approver>> = distinct
            .iter()
            .filter(|vote| vote.stage == place)
            .map(|vote| &vote.capacities)
            .collect();
        let filled = seats::alternatives(&stage.quorum).is_some_and(|ways| {
            ways.iter()
                .any(|way| !way.is_empty() && seats::fills(way, &people))
        });
        if !filled {
            return Standing::Open { stage: place };
        }
    }
    if plan.stages.is_empty() {
        Standing::Open { stage: 0 }
    } else {
        Standing::Approved
    }
}

/// Judges one vote on top of those that were cast.
///
/// Errors say which rule it breaks; nothing is changed then. Concurrency is the store's: one vote per person and item is
/// a unique constraint, and the item's version is compared and set.
pub fn cast(
    plan: &Plan,
    votes: &[Vote],
    excluded: &Exclusions,
    mut voter: Voter,
    verdict: Verdict,
    reason: &str,
    now: Instant,
) -> Result<Ballot, VoteError> {
    let stage = match standing(plan, votes) {
        Standing::Open { stage } => stage,
        Standing::Approved | Standing::Denied => return Err(VoteError::Settled),
    };
    if let Some(why) = excluded.of(&voter.person) {
        return Err(VoteError::Excluded(why));
    }
    if votes.iter().any(|vote| vote.person == voter.person) {
        return Err(VoteError::AlreadyVoted);
    }
    // Nobody acts as somebody else, whatever the caller gathered.
    voter.capacities.retain(|capacity| match capacity {
        Approver::Group(_) => true,
        Approver::Person(person) => *person == voter.person,
        Approver::ResourceOwners => false,
    });
    let asked = usize::try_from(stage)
        .ok()
        .and_then(|place| plan.stages.get(place));
    let eligible = asked.is_some_and(|stage| {
        stage
            .quorum
            .approvers()
            .into_iter()
            .any(|approver| approver.is_among(&voter.capacities))
    });
    if !eligible {
        return Err(VoteError::NotEligible);
    }
    let reason = reason.trim();
    if verdict == Verdict::Deny && crate::name::is_blank(reason) {
        return Err(VoteError::ReasonMissing);
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(VoteError::ReasonTooLong);
    }
    let vote = Vote {
        person: voter.person,
        stage,
        verdict,
        capacities: voter.capacities,
        reason: reason.to_owned(),
        at: now,
        shown: None,
        signed_in: None,
    };
    let mut all = votes.to_vec();
    all.push(vote.clone());
    Ok(Ballot {
        vote,
        standing: standing(plan, &all),
    })
}
