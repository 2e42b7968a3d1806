//! The life of an opt-out.

use serde::{Deserialize, Serialize};

/// The states that are stored, and those that follow from the row and `now` (expired, exhausted, lapsed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum OptOutState {
    /// Received, not yet before anybody.
    Requested,
    /// A stage waits for votes.
    InReview {
        /// Counted from nought.
        stage: u32,
    },
    /// Approved, its start is to come.
    Approved,
    /// In force.
    Active,
    /// Out of force until it is approved again: a pinned rule or its premise changed.
    Suspended,
    /// Its time is over.
    Expired,
    /// Taken back.
    Revoked,
    /// Its uses are spent.
    Exhausted,
    /// Ended because it did nothing.
    ClosedEarly,
    /// Somebody said no.
    Rejected,
    /// Taken back by who asked, before it was decided.
    Withdrawn,
    /// Nobody decided in time.
    Lapsed,
}

/// What can happen to an opt-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutEvent {
    /// A stage opens: the first one, the next, or an earlier one that a stricter policy asks again.
    StageReached(u32),
    /// The last stage is filled; for a suspended one, it is approved again.
    Approved,
    /// Somebody says no.
    Rejected,
    /// Who asked takes it back.
    Withdrawn,
    /// Nobody decided in time.
    Lapsed,
    /// Its start has come.
    Started,
    /// A pinned rule or its premise changed.
    Suspended,
    /// Its end has come.
    Expired,
    /// Somebody ends it.
    Revoked,
    /// Its uses are spent.
    Exhausted,
    /// It is needless.
    ClosedEarly,
    /// Break-glass: in force at once, a post-review is owed.
    BrokeGlass,
    /// A source of signals opens it: in force at once, to be confirmed or lifted.
    Signalled,
}

/// An event that a state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this opt-out is {}", .state.words())]
pub struct OptOutError {
    /// The state it was in.
    pub state: OptOutState,
}

impl OptOutState {
    /// The word on the wire and in the database.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::InReview { .. } => "in_review",
            Self::Approved => "approved",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Exhausted => "exhausted",
            Self::ClosedEarly => "closed_early",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// The words in badges and sentences.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::InReview { .. } => "in review",
            Self::ClosedEarly => "closed early",
            Self::Requested
            | Self::Approved
            | Self::Active
            | Self::Suspended
            | Self::Expired
            | Self::Revoked
            | Self::Exhausted
            | Self::Rejected
            | Self::Withdrawn
            | Self::Lapsed => self.as_str(),
        }
    }

    /// Whether it never changes again.
    pub const fn is_terminal(&self) -> bool {
        match self {
            Self::Requested | Self::InReview { .. } | Self::Approved | Self::Active | Self::Suspended => {
                false
            }
            Self::Expired
            | Self::Revoked
            | Self::Exhausted
            | Self::ClosedEarly
            | Self::Rejected
            | Self::Withdrawn
            | Self::Lapsed => true,
        }
    }

    /// Whether it waits for approvers.
    pub const fn is_pending(&self) -> bool {
        matches!(self, Self::Requested | Self::InReview { .. })
    }

    /// The next state. Errors where the event does not belong; terminal states allow none.
    pub fn on(self, event: OptOutEvent) -> Result<Self, OptOutError> {
        use OptOutEvent as Event;
        match (self, event) {
            (Self::Requested, Event::StageReached(0)) => Ok(Self::InReview { stage: 0 }),
            // Mostly the next one. Where a stricter policy joins the plan, an earlier stage can open again, and once it is
            // filled the review goes on past those that were filled before. `standing` says which stage it is.
            (Self::InReview { stage }, Event::StageReached(next)) if next != stage => {
                Ok(Self::InReview { stage: next })
            }
            (Self::InReview { .. }, Event::Approved) => Ok(Self::Approved),
            (Self::Requested, Event::BrokeGlass | Event::Signalled) => Ok(Self::Active),
            (Self::Requested | Self::InReview { .. }, Event::Rejected) => Ok(Self::Rejected),
            (Self::Requested | Self::InReview { .. }, Event::Withdrawn) => Ok(Self::Withdrawn),
            (Self::Requested | Self::InReview { .. }, Event::Lapsed) => Ok(Self::Lapsed),
            (Self::Approved, Event::Started) => Ok(Self::Active),
            (Self::Active, Event::Suspended) => Ok(Self::Suspended),
            (Self::Suspended, Event::Approved) => Ok(Self::Active),
            (Self::Active, Event::Exhausted) => Ok(Self::Exhausted),
            (Self::Active | Self::Suspended, Event::ClosedEarly) => Ok(Self::ClosedEarly),
            // An approved one that has not begun can be taken back too: it would otherwise have to begin first.
            (Self::Approved | Self::Active | Self::Suspended, Event::Revoked) => Ok(Self::Revoked),
            (Self::Active | Self::Suspended, Event::Expired) => Ok(Self::Expired),
            (state, _) => Err(OptOutError { state }),
        }
    }
}
