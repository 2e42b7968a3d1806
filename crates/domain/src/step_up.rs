//! Step-up: for tiers that ask, who votes signs in afresh for exactly this vote.
//!
//! A step-up is begun for one person, item, verdict and digest of what was shown ([`crate::shown`]), proved by what the
//! identity provider vouches for, and stands behind one vote within [`FRESH_SECS`]. There is no other way to make a
//! [`SignedInAfresh`], and without one the vote of such a tier is refused.

use crate::approval::Verdict;
use crate::digest::Digest;
use crate::id::{AccessRequestId, OptOutId, StepUpId};
use crate::name::PersonId;
use crate::window::Instant;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How old a sign-in counts as fresh, in seconds.
pub const FRESH_SECS: i64 = 5 * 60;
/// By how much the provider's clock may be ahead of ours or behind it, in seconds.
pub const SKEW_SECS: i64 = 60;
/// The longest name of an authentication context that is believed, in characters.
const LONGEST_ACR: usize = 255;

/// Whether what the provider vouched for at an instant is fresh. One that lies ahead by more than clocks differ proves
/// nothing.
pub fn is_fresh(proved_at: Instant, now: Instant) -> bool {
    let age = now - proved_at;
    age <= TimeDelta::seconds(FRESH_SECS) && age >= TimeDelta::seconds(-SKEW_SECS)
}

/// What is voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VotedOn {
    /// Somebody's wish.
    AccessRequest(AccessRequestId),
    /// A governed exclusion.
    OptOut(OptOutId),
}

/// A vote that somebody wants to cast: nothing of it can be exchanged afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntendedVote {
    /// Whose.
    pub person: PersonId,
    /// On what.
    pub item: VotedOn,
    /// Yes or no.
    pub verdict: Verdict,
    /// The digest of what they were shown, verdict and narrowing included.
    pub shown: Digest,
}

/// What the identity provider vouches for, as its token says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Whom the sign-in is linked to.
    pub person: PersonId,
    /// When they last proved who they are.
    pub auth_time: Option<Instant>,
    /// How strong that proof was.
    pub acr: Option<String>,
}

/// That somebody did prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// When, by the provider's clock.
    pub auth_time: Instant,
    /// How strong.
    pub acr: Option<String>,
    /// When they came back, by our clock.
    pub proved_at: Instant,
}

/// One step-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUp {
    /// Its id.
    pub id: StepUpId,
    /// What it is for.
    pub vote: IntendedVote,
    /// When it was begun.
    pub begun_at: Instant,
    /// None until the person comes back from the provider.
    pub proof: Option<Proof>,
}

/// What a vote keeps of the sign-in behind it. Only [`StepUp::supports`] gives one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInAfresh {
    /// The step-up.
    pub step_up: StepUpId,
    /// When the person proved who they are, by the provider's clock.
    pub auth_time: Instant,
    /// How strong that proof was, where the provider says.
    pub acr: Option<String>,
}

/// Why somebody who came back from the provider has proved nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Another person signed in than the one who wants to vote.
    #[error("another person signed in")]
    OtherPerson,
    /// The provider does not say when they proved who they are.
    #[error("the provider did not say when the person signed in")]
    NoAuthTime,
    /// The provider says an instant from before it was asked.
    #[error("the provider did not ask the person anew")]
    NotFresh,
    /// The provider signed them in by other means than the ones that are wanted.
    #[error("the provider did not sign the person in by the means that are wanted")]
    WrongContext,
    /// It was proved before; the first proof stands.
    #[error("this was proved already")]
    ProvedAlready,
}

/// Why a step-up does not stand behind a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepUpError {
    /// There is none, or the person never came back from the provider.
    #[error("This takes a fresh sign-in for this very vote.")]
    Missing,
    /// It is another person's, for another item, for another verdict, or for something else than is shown now.
    #[error("You signed in afresh for another vote than this one.")]
    OtherVote,
    /// It is too long ago.
    #[error("Your fresh sign-in is more than 5 minutes ago.")]
    Expired,
}

impl StepUpError {
    /// A stable word for programs and tests.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "step_up_needed",
            Self::OtherVote => "step_up_of_another_vote",
            Self::Expired => "step_up_expired",
        }
    }
}

impl StepUp {
    /// The person is back from the provider. `wanted` names the authentication contexts that will do; empty means any.
    pub fn prove(mut self, vouched: Vouched, wanted: &[String], now: Instant) -> Result<Self, ProofError> {
        if self.proof.is_some() {
            return Err(ProofError::ProvedAlready);
        }
        if vouched.person != self.vote.person {
            return Err(ProofError::OtherPerson);
        }
        let asked_anew = self.begun_at - TimeDelta::seconds(SKEW_SECS);
        let auth_time = vouched.auth_time.ok_or(ProofError::NoAuthTime)?;
        if auth_time < asked_anew || !is_fresh(auth_time, now) {
            return Err(ProofError::NotFresh);
        }
        let acr = vouched.acr.filter(|acr| acr.chars().count() <= LONGEST_ACR);
        if !wanted.is_empty() && !acr.as_ref().is_some_and(|acr| wanted.contains(acr)) {
            return Err(ProofError::WrongContext);
        }
        self.proof = Some(Proof {
            auth_time,
            acr,
            proved_at: now,
        });
        Ok(self)
    }

    /// What stands behind this vote, if it is the very one that the step-up was begun for, and not too long ago by either
    /// clock.
    pub fn supports(&self, vote: &IntendedVote, now: Instant) -> Result<SignedInAfresh, StepUpError> {
        let proof = self.proof.as_ref().ok_or(StepUpError::Missing)?;
        if self.vote != *vote {
            return Err(StepUpError::OtherVote);
        }
        if !is_fresh(proof.auth_time, now) || !is_fresh(proof.proved_at, now) {
            return Err(StepUpError::Expired);
        }
        Ok(SignedInAfresh {
            step_up: self.id,
            auth_time: proof.auth_time,
            acr: proof.acr.clone(),
        })
    }
}
