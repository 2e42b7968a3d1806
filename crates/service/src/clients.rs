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
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;

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
            incidents: self.incidents.clone(),
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

/// Refuses a right to tell of incidents that another client has already, or a part of it: whoever of the two came first
/// could take an id, and end what is bound to it. Held until the transaction ends.
async fn sole_source(tx: &mut Tx, client: &Client, now: Instant) -> Result<(), ServiceError> {
    let Some(prefix) = &client.incidents else {
        return Ok(());
    };
    store::incidents::tell(tx).await?;
    let others = store::clients::active(tx.conn(), now).await?;
    let overlapping = others
        .into_iter()
        .map(|(_, other)| other)
        .filter(|other| other.id != client.id)
        .find(|other| other.incidents.as_ref().is_some_and(|has| has.overlaps(prefix)));
    match overlapping {
        None => Ok(()),
        Some(other) => Err(ServiceError::field(
            "incidents",
            "overlaps",
            format!(
                "The client {} can tell of such incidents already. Give each client a prefix of its own, such as \"INC-\".",
                other.name
            ),
        )),
    }
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
