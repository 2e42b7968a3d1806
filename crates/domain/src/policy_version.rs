//! Policy versions: immutable folders of tiers, scenarios, rules and schema, named by their digest.

use serde::{Deserialize, Serialize};

/// The life of a policy version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyVersionState {
    /// Being written.
    Draft,
    /// Waits for a second person.
    Proposed,
    /// In force.
    Published,
    /// Another is in force.
    Superseded,
    /// Turned down.
    Rejected,
}

/// What can happen to a policy version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyVersionEvent {
    /// Its author proposes it.
    Proposed,
    /// A second person publishes it.
    Published,
    /// A second person turns it down.
    Rejected,
    /// Another is published.
    Superseded,
}

/// An event that a state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this policy version is {}", .state.as_str())]
pub struct PolicyVersionError {
    /// The state it was in.
    pub state: PolicyVersionState,
}

impl PolicyVersionState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Draft,
        Self::Proposed,
        Self::Published,
        Self::Superseded,
        Self::Rejected,
    ];

    /// The word in badges, on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Proposed => "proposed",
            Self::Published => "published",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
        }
    }

    /// Whether it never changes again.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Draft | Self::Proposed | Self::Published => false,
            Self::Superseded | Self::Rejected => true,
        }
    }

    /// The next state. Errors where the event does not belong.
    pub const fn on(self, event: PolicyVersionEvent) -> Result<Self, PolicyVersionError> {
        use PolicyVersionEvent as Event;
        match (self, event) {
            (Self::Draft, Event::Proposed) => Ok(Self::Proposed),
            (Self::Proposed, Event::Published) => Ok(Self::Published),
            (Self::Proposed, Event::Rejected) => Ok(Self::Rejected),
            (Self::Published, Event::Superseded) => Ok(Self::Superseded),
            (state, _) => Err(PolicyVersionError { state }),
        }
    }
}
