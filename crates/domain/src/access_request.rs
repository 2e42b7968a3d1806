//! Access requests: somebody's wish that must be reviewed.

mod record;

pub use record::{AccessRequest, LONGEST_REASON, Wish};

use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// The states of an access request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AccessRequestState {
    /// Received, not yet before anybody.
    Submitted,
    /// A stage waits for votes.
    InReview {
        /// Counted from nought.
        stage: u32,
    },
    /// Approved: there is a grant.
    Approved,
    /// Somebody said no.
    Denied,
    /// Taken back by who asked.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
    /// Policy no longer allows it to be granted.
    Voided,
}

/// What can happen to an access request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessRequestEvent {
    /// A stage opens: the first one, the next, or an earlier one that a stricter policy asks again.
    StageReached(u32),
    /// The last stage is filled.
    Approved,
    /// Somebody says no.
    Denied,
    /// Who asked takes it back.
    Withdrawn,
    /// Its time is over.
    Expired,
    /// Policy turns to `deny`.
    Voided,
    /// Somebody breaks the glass: there is a grant, and nobody was asked.
    BrokeGlass,
}

/// An event that a state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this request is {}", .state.as_str())]
pub struct AccessRequestError {
    /// The state it was in.
    pub state: AccessRequestState,
}

impl AccessRequestState {
    /// The word in badges, on the wire and in the database.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::InReview { .. } => "in_review",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Voided => "voided",
        }
    }

    /// Whether it never changes again.
    pub const fn is_terminal(&self) -> bool {
        match self {
            Self::Submitted | Self::InReview { .. } => false,
            Self::Approved | Self::Denied | Self::Withdrawn | Self::Expired | Self::Voided => true,
        }
    }

    /// The next state. Errors where the event does not belong; terminal states allow none.
    pub fn on(self, event: AccessRequestEvent) -> Result<Self, AccessRequestError> {
        use AccessRequestEvent as Event;
        match (self, event) {
            (Self::Submitted, Event::StageReached(0)) => Ok(Self::InReview { stage: 0 }),
            // Mostly the next one. Where a stricter policy joins the plan, an earlier stage can open again, and once it is
            // filled the review goes on past those that were filled before. `standing` says which stage it is.
            (Self::InReview { stage }, Event::StageReached(next)) if next != stage => {
                Ok(Self::InReview { stage: next })
            }
            (Self::InReview { .. }, Event::Approved) | (Self::Submitted, Event::BrokeGlass) => {
                Ok(Self::Approved)
            }
            (Self::InReview { .. }, Event::Denied) => Ok(Self::Denied),
            (Self::Submitted | Self::InReview { .. }, Event::Withdrawn) => Ok(Self::Withdrawn),
            (Self::Submitted | Self::InReview { .. }, Event::Expired) => Ok(Self::Expired),
            (Self::Submitted | Self::InReview { .. }, Event::Voided) => Ok(Self::Voided),
            (state, _) => Err(AccessRequestError { state }),
        }
    }

    /// The state at an instant: a pending one whose time is over has expired, whether or not a worker noticed.
    pub fn at(self, expires_at: Instant, now: Instant) -> Self {
        if now >= expires_at {
            self.on(AccessRequestEvent::Expired).unwrap_or(self)
        } else {
            self
        }
    }
}
