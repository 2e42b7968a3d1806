//! Votes and where they leave an item.

use super::delegation::{Behalf, Lent};
use super::exclusion::{Exclusion, Exclusions};
use super::plan::Plan;
use super::quorum::Approver;
use super::void::Votes;
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
    /// No. One is enough, unless the stage says how many.
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
    /// In whose place, where the voter used somebody else's seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behalf: Option<Behalf>,
}

impl Vote {
    /// Everybody whose one vote this uses up: the voter, and in whose place they voted.
    pub fn persons(&self) -> impl Iterator<Item = &PersonId> {
        std::iter::once(&self.person).chain(self.behalf.as_ref().map(|behalf| &behalf.person))
    }
}

/// Somebody who wants to vote.
#[derive(Debug, Clone)]
pub struct Voter {
    /// Who. There is no voter that is not a person.
    pub person: PersonId,
    /// What they can act as now.
    pub capacities: BTreeSet<Approver>,
    /// What others have lent them.
    pub lent: Vec<Lent>,
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
    /// As many said no as settle it.
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
    /// Somebody has voted in the voter's place.
    #[error("Somebody has voted in your place already; each person counts once, over all stages.")]
    VotedFor,
    /// The voter would decide for somebody who is excluded.
    #[error("You would decide in the place of somebody who may not decide this.")]
    GiverExcluded,
    /// The voter would decide for somebody who has voted.
    #[error("The person in whose place you would decide has voted already.")]
    GiverVoted,
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

/// Where an item stands with these votes. A person who appears twice counts once, in whoever's place they voted.
pub fn standing(plan: &Plan, votes: &[Vote]) -> Standing {
    let mut counted: BTreeSet<&PersonId> = BTreeSet::new();
    let distinct: Vec<&Vote> = votes
        .iter()
        .filter(|vote| {
            let fresh = vote.persons().all(|person| !counted.contains(person));
            if fresh {
                counted.extend(vote.persons());
            }
            fresh
        })
        .collect();
    let in_stage = |place: u32, verdict: Verdict| {
        distinct
            .iter()
            .filter(move |vote| vote.stage == place && vote.verdict == verdict)
    };
    let settled_by = |place: u32| {
        usize::try_from(place)
            .ok()
            .and_then(|place| plan.stages.get(place))
            .map_or(1, |stage| stage.denials)
    };
    let denied_in: BTreeSet<u32> = distinct
        .iter()
        .filter(|vote| vote.verdict == Verdict::Deny)
        .map(|vote| vote.stage)
        .collect();
    if denied_in.into_iter().any(|place| {
        u32::try_from(in_stage(place, Verdict::Deny).count()).unwrap_or(u32::MAX) >= settled_by(place)
    }) {
        return Standing::Denied;
    }
    for (place, stage) in (0u32..).zip(&plan.stages) {
        let approvals: Vec<&Vote> = in_stage(place, Verdict::Approve).copied().collect();
        if !stage.is_filled_by(&approvals) {
            return Standing::Open { stage: place };
        }
    }
    if plan.stages.is_empty() {
        Standing::Open { stage: 0 }
    } else {
        Standing::Approved
    }
}

/// How many more noes settle it in the stage that waits; none where no stage does.
pub fn noes_left(plan: &Plan, votes: &[Vote]) -> Option<u32> {
    let Standing::Open { stage: place } = standing(plan, votes) else {
        return None;
    };
    let stage = plan.stages.get(usize::try_from(place).ok()?)?;
    let cast = votes
        .iter()
        .filter(|vote| vote.stage == place && vote.verdict == Verdict::Deny)
        .count();
    Some(
        stage
            .denials
            .saturating_sub(u32::try_from(cast).unwrap_or(u32::MAX))
            .max(1),
    )
}

/// Since when nobody has voted: since it was asked, or since the last vote.
pub fn silent_since(requested_at: Instant, votes: &[Vote]) -> Instant {
    votes.iter().map(|vote| vote.at).fold(requested_at, Instant::max)
}

/// Judges one vote on top of those that were cast.
///
/// Somebody who can fill a seat of the open stage by themselves votes for themselves; only otherwise in the place of
/// somebody who has lent them theirs.
///
/// Errors say which rule it breaks; nothing is changed then. Concurrency is the store's: one vote per person and item is
/// a unique constraint, and the item's version is compared and set.
pub fn cast<'a>(
    plan: &Plan,
    votes: impl Into<Votes<'a>>,
    excluded: &Exclusions,
    voter: Voter,
    verdict: Verdict,
    reason: &str,
    now: Instant,
) -> Result<Ballot, VoteError> {
    let votes: Votes<'a> = votes.into();
    let (stage, capacities, behalf) = open_seat(plan, votes, excluded, &voter)?;
    let votes = votes.counted;
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
        capacities,
        reason: reason.to_owned(),
        at: now,
        behalf,
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

/// The stage that the voter can fill a seat of, with what they act as and in whose place: the one that waits, or else the
/// one that waited before votes became void, so that the approvers it had reached can still answer.
fn open_seat(
    plan: &Plan,
    votes: Votes<'_>,
    excluded: &Exclusions,
    voter: &Voter,
) -> Result<(u32, BTreeSet<Approver>, Option<Behalf>), VoteError> {
    let stage = match standing(plan, votes.counted) {
        Standing::Open { stage } => stage,
        Standing::Approved | Standing::Denied => return Err(VoteError::Settled),
    };
    let in_stage = |stage| {
        let (capacities, behalf) = seat(plan, stage, votes.counted, excluded, voter)?;
        Ok((stage, capacities, behalf))
    };
    let refused = match in_stage(stage) {
        Err(VoteError::NotEligible) if !votes.void.is_empty() => VoteError::NotEligible,
        done => return done,
    };
    match standing(plan, &[votes.counted, votes.void].concat()) {
        Standing::Open { stage: reached } if reached > stage => in_stage(reached),
        Standing::Open { .. } | Standing::Approved | Standing::Denied => Err(refused),
    }
}

/// What the voter acts as in this stage, and in whose place.
fn seat(
    plan: &Plan,
    stage: u32,
    votes: &[Vote],
    excluded: &Exclusions,
    voter: &Voter,
) -> Result<(BTreeSet<Approver>, Option<Behalf>), VoteError> {
    if let Some(why) = excluded.of(&voter.person) {
        return Err(VoteError::Excluded(why));
    }
    if votes.iter().any(|vote| vote.person == voter.person) {
        return Err(VoteError::AlreadyVoted);
    }
    let has_voted = |person: &PersonId| votes.iter().any(|vote| vote.persons().any(|one| one == person));
    if has_voted(&voter.person) {
        return Err(VoteError::VotedFor);
    }
    let asked = usize::try_from(stage)
        .ok()
        .and_then(|place| plan.stages.get(place))
        .map(super::Stage::asks)
        .unwrap_or_default();
    let is_asked =
        |capacities: &BTreeSet<Approver>| asked.iter().any(|approver| approver.is_among(capacities));
    let own = acting_as(&voter.person, &voter.capacities);
    if is_asked(&own) {
        return Ok((own, None));
    }
    let mut refused = VoteError::NotEligible;
    for lent in &voter.lent {
        let giver = &lent.behalf.person;
        let capacities = acting_as(giver, &lent.capacities);
        if *giver == voter.person || !is_asked(&capacities) {
            continue;
        }
        if excluded.of(giver).is_some() {
            refused = VoteError::GiverExcluded;
        } else if has_voted(giver) {
            refused = VoteError::GiverVoted;
        } else {
            return Ok((capacities, Some(lent.behalf.clone())));
        }
    }
    Err(refused)
}

/// Nobody acts as somebody else, whatever the caller gathered.
fn acting_as(person: &PersonId, capacities: &BTreeSet<Approver>) -> BTreeSet<Approver> {
    capacities
        .iter()
        .filter(|capacity| match capacity {
            Approver::Group(_) => true,
            Approver::Person(named) => named == person,
            Approver::ResourceOwners | Approver::RequesterManager => false,
        })
        .cloned()
        .collect()
}
