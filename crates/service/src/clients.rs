//! Clients are registered, changed, given new tokens, and lose their credentials. All of it is in force on every node from
//! its commit on.

mod change;
mod last_use;
mod list;
mod register;
mod revoke;
mod rotate;

pub(crate) use last_use::LastUses;
pub use rotate::{LONGEST_OVERLAP, Rotated};
pub use store::clients::{ListedClient, ListedToken};

use crate::command::EventDraft;
use crate::directory::ClientFile;
use crate::{Service, ServiceError};
use domain::client::Client;
use domain::event::EventKind;
use domain::id::ClientId;
use std::collections::BTreeSet;

impl ClientFile {
    /// The client that the file describes, with an id.
    pub fn client(&self, id: ClientId) -> Client {
        Client {
            id,
            name: self.name.clone(),
            subjects: self.subjects.clone(),
            resources: self.resources.clone(),
            trusted_keys: self.trusted_keys.clone(),
            signals: self.signals.clone(),
            incidents: self.incidents,
        }
    }
}

/// A token for a client: `spw_` and 64 hexadecimal digits. It is shown once; the database keeps its SHA-256.
fn make_token(service: &Service) -> String {
    format!("spw_{}", hex::encode(service.ids().secret()))
}

fn checked(client: Client) -> Result<Client, ServiceError> {
    client
        .check()
        .map(|()| client)
        .map_err(|error| ServiceError::field("client", "invalid_client", error.to_string()))
}

fn event(kind: EventKind, id: ClientId, body: serde_json::Value) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "client",
        object_id: id.to_string(),
        refs: BTreeSet::from([id.to_string()]),
        policy_digest: None,
        body,
    }
}

const UNKNOWN: ServiceError = ServiceError::NotFound { what: "client" };
