//! Votes that count no longer: of somebody who must not decide any more, or who has left before the item was settled.

use super::exclusion::Exclusions;
use super::vote::Vote;
use crate::name::PersonId;
use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// Why a vote is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    /// The voter, or whom they voted for, is excluded from deciding by now.
    Excluded,
    /// The voter, or whom they voted for, has left the directory.
    Left,
}

impl VoidReason {
    /// Its word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Left => "left",
        }
    }
}

/// A vote that is void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidVote {
    /// The vote, as it was cast.
    pub vote: Vote,
    /// Why it counts no longer.
    pub why: VoidReason,
    /// Since when.
    pub at: Instant,
}

/// The votes on an item, for the next voter.
#[derive(Debug, Clone, Copy)]
pub struct Votes<'a> {
    /// Those that count.
    pub counted: &'a [Vote],
    /// Those that count no longer. A stage that they had filled stays open to votes beside the stages that they open again.
    pub void: &'a [Vote],
}

impl<'a> From<&'a [Vote]> for Votes<'a> {
    fn from(counted: &'a [Vote]) -> Self {
        Self { counted, void: &[] }
    }
}

impl<'a> From<&'a Vec<Vote>> for Votes<'a> {
    fn from(counted: &'a Vec<Vote>) -> Self {
        Self::from(counted.as_slice())
    }
}

impl<'a, const N: usize> From<&'a [Vote; N]> for Votes<'a> {
    fn from(counted: &'a [Vote; N]) -> Self {
        Self::from(counted.as_slice())
    }
}

/// Why this vote counts no longer; none where it counts. `is_there` says whether the directory has a person. A vote of
/// somebody who has only left the group that was asked counts.
pub fn void_reason(
    vote: &Vote,
    excluded: &Exclusions,
    is_there: impl Fn(&PersonId) -> bool,
) -> Option<VoidReason> {
    if vote.persons().any(|person| excluded.of(person).is_some()) {
        Some(VoidReason::Excluded)
    } else if !vote.persons().all(is_there) {
        Some(VoidReason::Left)
    } else {
        None
    }
}
