//! Incidents: what a tool outside says is burning. Opt-outs can stand on one: they go when it does.

use crate::id::ClientId;
use crate::name::{IncidentId, NameError};
use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// The most characters of an incident's id: what an opt-out can name.
pub const LONGEST_INCIDENT_ID: usize = 64;

/// A client's right to tell of incidents: of those whose ids begin with this. No two clients have prefixes of which one
/// begins with the other, so an id says which client it belongs to, and no other can take it or resolve it. The empty one
/// takes in all ids: only a client that is the sole source can have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IncidentPrefix(String);

impl IncidentPrefix {
    /// All ids.
    pub const fn any() -> Self {
        Self(String::new())
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the id begins with it.
    pub fn covers(&self, id: &IncidentId) -> bool {
        id.as_str().starts_with(&self.0)
    }

    /// Whether some id could begin with both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl TryFrom<String> for IncidentPrefix {
    type Error = NameError;

    /// Errors: too long for an incident's id, control or invisible characters.
    fn try_from(text: String) -> Result<Self, NameError> {
        if !text.is_empty() {
            crate::name::check("prefix of incidents", &text)?;
        }
        if text.chars().count() >= LONGEST_INCIDENT_ID {
            return Err(NameError::TooLong {
                what: "prefix of incidents",
                longest: LONGEST_INCIDENT_ID - 1,
            });
        }
        Ok(Self(text))
    }
}

impl From<IncidentPrefix> for String {
    fn from(prefix: IncidentPrefix) -> Self {
        prefix.0
    }
}

/// Whether it still burns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// It does.
    Open,
    /// It does not.
    Resolved,
}

impl IncidentState {
    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }
}

/// A word that is no state of an incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of an incident: use open or resolved")]
pub struct IncidentStateError(pub String);

impl std::str::FromStr for IncidentState {
    type Err = IncidentStateError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "open" => Ok(Self::Open),
            "resolved" => Ok(Self::Resolved),
            other => Err(IncidentStateError(other.to_owned())),
        }
    }
}

/// An incident. Its times are Spillway's own: when it was told, not when somebody says that it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id at the tool that tells of it: `INC-4471`.
    pub id: IncidentId,
    /// What it is about.
    pub title: String,
    /// The client that it belongs to. Nobody else changes it.
    pub client: ClientId,
    /// Whether it still burns.
    pub state: IncidentState,
    /// Since when it is known.
    pub opened_at: Instant,
    /// When it was resolved; of one that was opened again, when it was resolved last.
    pub resolved_at: Option<Instant>,
}

/// Why a client may not tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncidentError {
    /// The client has no right to tell of incidents.
    #[error("this client may not tell of incidents")]
    NoRight,
    /// Its id does not begin with the client's prefix.
    #[error("this client may not tell of incidents with such an id")]
    NotCovered,
    /// It belongs to another client.
    #[error("this incident belongs to another client")]
    Another,
}

impl Incident {
    /// The first that is heard of it.
    pub const fn heard_of(id: IncidentId, title: String, client: ClientId, now: Instant) -> Self {
        Self {
            id,
            title,
            client,
            state: IncidentState::Open,
            opened_at: now,
            resolved_at: None,
        }
    }

    /// What it is once this is told of it; none where that was known. It can be opened again: what has ended with it does
    /// not come back by that, since each opt-out's end stands in its own row.
    ///
    /// `abandoned` says that its client is no longer registered for such ids: it then belongs to the one that tells of it.
    pub fn told(
        &self,
        client: ClientId,
        abandoned: bool,
        state: IncidentState,
        now: Instant,
    ) -> Result<Option<Self>, IncidentError> {
        if self.client != client && !abandoned {
            return Err(IncidentError::Another);
        }
        Ok(((self.client, self.state) != (client, state)).then(|| Self {
            client,
            state,
            resolved_at: match (self.state, state) {
                (IncidentState::Open, IncidentState::Resolved) => Some(now),
                (IncidentState::Open | IncidentState::Resolved, IncidentState::Open)
                | (IncidentState::Resolved, IncidentState::Resolved) => self.resolved_at,
            },
            ..self.clone()
        }))
    }

    /// When it was resolved, if it is.
    pub fn is_resolved(&self) -> Option<Instant> {
        match self.state {
            IncidentState::Resolved => self.resolved_at,
            IncidentState::Open => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn prefix(text: &str) -> IncidentPrefix {
        text.to_owned().try_into().unwrap()
    }

    #[test]
    fn prefixes_overlap_when_an_id_could_begin_with_both() {
        for (one, other, overlap) in [
            ("INC-", "INC-", true),
            ("INC-", "INC-1", true),
            ("", "INC-", true),
            ("", "", true),
            ("INC-", "PD-", false),
            ("INC-1", "INC-2", false),
        ] {
            assert_eq!(prefix(one).overlaps(&prefix(other)), overlap, "{one} {other}");
            assert_eq!(prefix(other).overlaps(&prefix(one)), overlap, "{other} {one}");
        }
        for bad in [" ", "a\0", &"x".repeat(64)] {
            assert!(IncidentPrefix::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
