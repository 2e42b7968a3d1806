//! Incidents: what a tool outside says is burning. Opt-outs can stand on one: they go when it does.

use crate::id::ClientId;
use crate::name::IncidentId;
use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// The most characters of an incident's id: what an opt-out can name.
pub const LONGEST_INCIDENT_ID: usize = 64;

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
    /// The client that told of it first. Nobody else changes it.
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
    /// Another client told of it first.
    #[error("another client told of this incident first")]
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
    pub fn told(
        &self,
        client: ClientId,
        state: IncidentState,
        now: Instant,
    ) -> Result<Option<Self>, IncidentError> {
        if self.client != client {
            return Err(IncidentError::Another);
        }
        Ok((self.state != state).then(|| Self {
            state,
            resolved_at: match state {
                IncidentState::Resolved => Some(now),
                IncidentState::Open => self.resolved_at,
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
