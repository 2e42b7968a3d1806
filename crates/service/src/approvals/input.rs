//! What somebody says when they vote.

use crate::opt_outs::NarrowInput;
use domain::approval::Verdict;

/// One vote, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteInput {
    /// Yes or no.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// What an approver takes away. Of a grant only the length can be narrowed.
    pub narrow: NarrowInput,
}

impl VoteInput {
    /// A vote on everything that was asked.
    pub fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            narrow: NarrowInput::default(),
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

    /// The same vote on something that lasts this long, in seconds.
    #[must_use]
    pub fn lasting(mut self, length_secs: Option<i64>) -> Self {
        self.narrow.length_secs = length_secs;
        self
    }
}
