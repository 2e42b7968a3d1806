//! What somebody says when they vote.

use crate::opt_outs::NarrowInput;
use domain::approval::Verdict;
use domain::break_glass::SignInProof;
use domain::digest::Digest;
use domain::id::StepUpId;

/// One vote, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteInput {
    /// Yes or no.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// What an approver takes away. Of a grant only the length can be narrowed.
    pub narrow: NarrowInput,
    /// The digest of what its sender was shown, verdict and narrowing included. Where it is there, nothing may have changed;
    /// tiers that ask for a step-up want it.
    pub shown: Option<Digest>,
    /// The fresh sign-in for exactly this vote, where the tier asks for one.
    pub step_up: Option<StepUpId>,
    /// What is known of the sender's own sign-in. It counts for an emergency alone, and only while the provider does not
    /// answer.
    pub sign_in: Option<SignInProof>,
}

impl VoteInput {
    /// A vote on everything that was asked.
    pub fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            narrow: NarrowInput::default(),
            shown: None,
            step_up: None,
            sign_in: None,
        }
    }

    /// Yes to everything that was asked.
    pub fn approve() -> Self {
        Self::new(Verdict::Approve, "")
    }

    /// No, and why.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::new(Verdict::Deny, reason)
    }

    /// The same vote on less.
    #[must_use]
    pub fn narrowed(self, narrow: NarrowInput) -> Self {
        Self { narrow, ..self }
    }

    /// The same vote, bound to what was shown.
    #[must_use]
    pub fn on_what_was_shown(self, shown: Option<Digest>) -> Self {
        Self { shown, ..self }
    }

    /// The same vote with a fresh sign-in behind it.
    #[must_use]
    pub fn signed_in_afresh(self, step_up: Option<StepUpId>) -> Self {
        Self { step_up, ..self }
    }

    /// The same vote from a session of which this is known.
    #[must_use]
    pub fn from_session(self, sign_in: SignInProof) -> Self {
        Self {
            sign_in: Some(sign_in),
            ..self
        }
    }

    /// The same vote on something that lasts this long, in seconds.
    #[must_use]
    pub fn lasting(mut self, length_secs: Option<i64>) -> Self {
        self.narrow.length_secs = length_secs;
        self
    }
}
