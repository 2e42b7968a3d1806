//! What a vote is bound to: what was shown, and for tiers that ask, a sign-in for exactly this vote.

use super::VoteInput;
use crate::ServiceError;
use crate::caller::PersonCaller;
use crate::snapshot::Loaded;
use domain::approval::{Verdict, Vote};
use domain::digest::Digest;
use domain::name::TierName;
use domain::shown::Shown;
use domain::step_up::{IntendedVote, StepUpError, VotedOn};
use domain::window::Instant;
use store::Tx;

/// The code of a refusal that signing in again ends.
pub(crate) const SIGN_IN_AGAIN: &str = "sign_in_again";

/// What an approver is shown before their vote counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeforeVote {
    /// All that it is about, as it is judged now. The verdict and what it takes away are added to it.
    pub shown: Shown,
    /// Whether the tier asks who votes to sign in afresh.
    pub step_up: bool,
}

impl BeforeVote {
    /// The digest that a vote is bound to which is cast on this.
    pub fn digest(&self, input: &VoteInput) -> Result<Digest, ServiceError> {
        bound_to(self.shown.clone(), input)
    }
}

/// What a vote has to bring.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asks {
    /// A fresh sign-in.
    pub(crate) step_up: bool,
    /// But for an emergency whose provider does not answer.
    pub(crate) emergency: bool,
    /// Whether the voter's groups are older than the tier wants.
    pub(crate) old_groups: bool,
}

/// Whether votes on items of this tier take a fresh sign-in. A tier that policy has no more counts as one that asks.
pub(crate) fn asks_step_up(loaded: &Loaded, tier: &TierName) -> Result<bool, ServiceError> {
    Ok(loaded.policy()?.tier(tier).is_none_or(|tier| tier.step_up))
}

/// The digest that a vote is bound to.
fn bound_to(shown: Shown, input: &VoteInput) -> Result<Digest, ServiceError> {
    let narrow = match input.verdict {
        Verdict::Approve => input.narrow.clone(),
        // A denial takes nothing away.
        Verdict::Deny => Default::default(),
    };
    shown
        .deciding(
            input.verdict,
            narrow.length_secs,
            narrow.scope.as_ref(),
            narrow.max_uses,
        )
        .digest()
        .map_err(ServiceError::internal)
}

/// Binds a vote that is to be recorded in this transaction. `now_shown` is what would be shown now.
///
/// INVARIANT: no vote on an item whose tier asks for it goes without a fresh sign-in for exactly this person, item,
/// verdict and digest. It is here and not in a form, so that there is no other way in; the constraints `votes_step_up_fk`
/// and `votes_step_up_once` say the same of what is stored.
///
/// The one exception is an emergency's: while the provider does not answer, a session of at most 8 hours will do, as it did
/// for whoever broke the glass. True says that it did.
pub(crate) async fn bind(
    tx: &mut Tx,
    vote: &mut Vote,
    item: VotedOn,
    now_shown: Shown,
    input: &VoteInput,
    asks: Asks,
    now: Instant,
) -> Result<bool, ServiceError> {
    let digest = bound_to(now_shown, input)?;
    if input.shown.is_some_and(|shown| shown != digest) {
        return Err(ServiceError::Conflict {
            code: "changed_since_shown",
            why: "This has changed since it was shown to you. Nothing was recorded; look at it once more."
                .to_owned(),
        });
    }
    vote.shown = input.shown;
    let session = input
        .sign_in
        .is_some_and(|proof| !proof.provider_answers && proof.strength(now).is_ok());
    let by_session = asks.emergency && input.step_up.is_none() && session;
    if !asks.step_up {
        return match (asks.old_groups, by_session) {
            (false, _) => Ok(false),
            (true, true) => Ok(true),
            (true, false) => Err(ServiceError::old_groups()),
        };
    }
    if input.shown.is_none() {
        return Err(ServiceError::Conflict {
            code: "not_shown",
            why: "A vote on this takes a look at what it does first.".to_owned(),
        });
    }
    let intended = IntendedVote {
        person: vote.person.clone(),
        item,
        verdict: vote.verdict,
        shown: digest,
    };
    if by_session {
        return Ok(true);
    }
    let step_up = match input.step_up {
        Some(id) => store::step_ups::find(tx.conn(), id).await?,
        None => None,
    };
    let signed_in = step_up
        .ok_or(StepUpError::Missing)
        .and_then(|step_up| step_up.supports(&intended, now))
        .map_err(|error| ServiceError::Forbidden {
            code: error.code(),
            why: error.to_string(),
        })?;
    if asks.old_groups {
        // The sign-in was for this vote, and the session has groups of before it.
        return Err(ServiceError::old_groups());
    }
    vote.signed_in = Some(signed_in);
    Ok(false)
}

/// What the ledger says of it, in the body of the vote's event.
pub(crate) fn said(vote: &Vote) -> serde_json::Value {
    serde_json::json!({ "shown": vote.shown, "signed_in": vote.signed_in })
}

impl ServiceError {
    /// Somebody's groups are older than a tier wants.
    pub(crate) fn old_groups() -> Self {
        Self::Forbidden {
            code: SIGN_IN_AGAIN,
            why: "Your groups may have changed since you signed in. Sign in again to go on.".to_owned(),
        }
    }

    /// Whether it says that the sender has to sign in again, for nothing in particular.
    pub fn wants_sign_in(&self) -> bool {
        matches!(self, Self::Forbidden { code, .. } if *code == SIGN_IN_AGAIN)
    }

    /// Whether it says that the sender of a vote has to sign in afresh for it.
    pub fn wants_step_up(&self) -> bool {
        let codes =
            [StepUpError::Missing, StepUpError::OtherVote, StepUpError::Expired].map(StepUpError::code);
        matches!(self, Self::Forbidden { code, .. } if codes.contains(code))
    }
}

/// The person of a caller who intends to vote.
pub(crate) fn intended(
    caller: &PersonCaller,
    item: VotedOn,
    verdict: Verdict,
    shown: Digest,
) -> IntendedVote {
    IntendedVote {
        person: caller.person.clone(),
        item,
        verdict,
        shown,
    }
}
