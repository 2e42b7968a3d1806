//! Post-reviews: what is looked at once an emergency, or an opt-out that wants it, is over.
//!
//! `owed → justified | unjustified | follow_up`. Overdue is no state: it follows from the due date and `now`, and no job
//! has to run for it to bite.

use crate::approval::{Approver, Exclusions, Plan, Quorum, Stage, Verdict, Vote, VoteError, Voter, cast};
use crate::id::{AccessRequestId, OptOutId, PostReviewId};
use crate::name::{PersonId, TeamName, TierName};
use crate::window::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Why a review is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewCause {
    /// Somebody broke the glass.
    BreakGlass,
    /// An opt-out has ended whose tier wants it to be looked at.
    Ended,
}

impl ReviewCause {
    /// All causes.
    pub const ALL: [Self; 2] = [Self::BreakGlass, Self::Ended];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BreakGlass => "break_glass",
            Self::Ended => "ended",
        }
    }
}

/// What a reviewer found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It was right.
    Justified,
    /// It was not.
    Unjustified,
    /// Something is to be done.
    FollowUp,
}

impl Finding {
    /// All findings.
    pub const ALL: [Self; 3] = [Self::Justified, Self::Unjustified, Self::FollowUp];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Unjustified => "unjustified",
            Self::FollowUp => "follow_up",
        }
    }

    /// The words in badges and sentences.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Unjustified => "unjustified",
            Self::FollowUp => "follow-up",
        }
    }
}

/// A word that is no finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no finding: use justified, unjustified or follow_up")]
pub struct FindingError(pub String);

impl std::str::FromStr for Finding {
    type Err = FindingError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|finding| finding.as_str() == text)
            .ok_or_else(|| FindingError(text.to_owned()))
    }
}

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Somebody has to look.
    Owed,
    /// Somebody has.
    Concluded(Finding),
}

impl ReviewState {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Concluded(finding) => finding.as_str(),
        }
    }

    /// All states.
    pub const ALL: [Self; 4] = [
        Self::Owed,
        Self::Concluded(Finding::Justified),
        Self::Concluded(Finding::Unjustified),
        Self::Concluded(Finding::FollowUp),
    ];

    /// The next state. A conclusion stands: nothing changes it.
    pub fn on(self, finding: Finding) -> Result<Self, ReviewError> {
        match self {
            Self::Owed => Ok(Self::Concluded(finding)),
            Self::Concluded(_) => Err(ReviewError::Settled),
        }
    }
}

/// What somebody concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// Who. Only persons conclude.
    pub person: PersonId,
    /// What they found.
    pub finding: Finding,
    /// Why.
    pub note: String,
    /// When.
    pub at: Instant,
}

/// What is looked at. In JSON it is the member `opt_out` or `access_request` of its review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reviewed {
    /// An opt-out.
    OptOut(OptOutId),
    /// Access for which somebody broke the glass.
    AccessRequest(AccessRequestId),
}

impl From<OptOutId> for Reviewed {
    fn from(id: OptOutId) -> Self {
        Self::OptOut(id)
    }
}

impl From<AccessRequestId> for Reviewed {
    fn from(id: AccessRequestId) -> Self {
        Self::AccessRequest(id)
    }
}

impl fmt::Display for Reviewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OptOut(id) => id.fmt(f),
            Self::AccessRequest(id) => id.fmt(f),
        }
    }
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostReview {
    /// Its id.
    pub id: PostReviewId,
    /// What is looked at.
    #[serde(flatten)]
    pub reviewed: Reviewed,
    /// Why.
    pub cause: ReviewCause,
    /// The team that it counts against: of whoever broke the glass, or asked for the opt-out.
    pub team: TeamName,
    /// Who broke the glass or asked; nobody, where no person did.
    pub about: Option<PersonId>,
    /// The tier of what is looked at.
    pub tier: TierName,
    /// That tier's rank.
    pub tier_rank: u32,
    /// Who may conclude it.
    pub reviewers: BTreeSet<Approver>,
    /// Who may too once it is overdue: a level up.
    pub next_level: BTreeSet<Approver>,
    /// Who may not, whatever their groups and roles.
    pub excluded: Exclusions,
    /// Since when it is owed.
    pub owed_at: Instant,
    /// By when somebody has to have looked.
    pub due_at: Instant,
    /// What came of it.
    pub conclusion: Option<Conclusion>,
}

/// Why somebody cannot conclude a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// Somebody has.
    #[error("This has been concluded already, and a conclusion stands.")]
    Settled,
    /// Without a word of why.
    #[error("Say why, in a sentence or two: who reads it later was not there.")]
    NoteMissing,
    /// In none of the groups that are asked.
    #[error("Others are asked to look at this.")]
    NotAsked,
    /// They are excluded, or wrote too much.
    #[error(transparent)]
    Vote(VoteError),
}

impl PostReview {
    /// Where it stands.
    pub fn state(&self) -> ReviewState {
        match &self.conclusion {
            None => ReviewState::Owed,
            Some(conclusion) => ReviewState::Concluded(conclusion.finding),
        }
    }

    /// Whether nobody has looked in time.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.conclusion.is_none() && now >= self.due_at
    }

    /// Who may conclude it at an instant: once it is overdue, the next level too.
    pub fn may_conclude(&self, now: Instant) -> BTreeSet<Approver> {
        let mut who = self.reviewers.clone();
        if self.is_overdue(now) {
            who.extend(self.next_level.iter().cloned());
        }
        who
    }

    /// Judges a conclusion, by the rules of a vote: a person who is not excluded and sits in one of the groups `asked`
    /// (those of [`PostReview::may_conclude`], and others where nobody of these is left), with a reason. Nothing is changed
    /// where it errs.
    pub fn conclude(
        mut self,
        asked: BTreeSet<Approver>,
        reviewer: Voter,
        finding: Finding,
        note: &str,
        now: Instant,
    ) -> Result<Self, ReviewError> {
        self.state().on(finding)?;
        let plan = Plan {
            stages: vec![Stage::new(
                "Post-review",
                Quorum::AtLeast {
                    n: 1,
                    of: asked.into_iter().collect(),
                },
            )],
        };
        // A denial's rules ask for a reason, which every conclusion has to have.
        let ballot = cast(&plan, &[], &self.excluded, reviewer, Verdict::Deny, note, now).map_err(
            |error| match error {
                VoteError::ReasonMissing => ReviewError::NoteMissing,
                VoteError::NotEligible => ReviewError::NotAsked,
                other => ReviewError::Vote(other),
            },
        )?;
        let Vote {
            person, reason, at, ..
        } = ballot.vote;
        self.conclusion = Some(Conclusion {
            person,
            finding,
            note: reason,
            at,
        });
        Ok(self)
    }
}
