//! Clients are registered, and lose their credentials.

use crate::caller::{Authorised, PersonCaller, system};
use crate::command::{Effect, EventDraft, finish};
use crate::directory::ClientFile;
use crate::{Service, ServiceError};
use domain::client::Client;
use domain::digest::Digest;
use domain::event::EventKind;
use domain::id::{ClientId, CorrelationId};
use domain::role::Permission;
use std::collections::BTreeSet;
use store::Tx;

impl Service {
    /// Registers a client, as the operator. Returns its token: `spw_` and 64 hexadecimal digits. It is shown this once;
    /// the database keeps its SHA-256.
    pub async fn register_client(
        &self,
        file: &ClientFile,
        correlation: CorrelationId,
    ) -> Result<(ClientId, String), ServiceError> {
        let now = self.now();
        let client = Client {
            id: ClientId::from_uuid(self.ids().next(now)),
            name: file.name.clone(),
            subjects: file.subjects.clone(),
            resources: file.resources.clone(),
            trusted_keys: file.trusted_keys.clone(),
            signals: file.signals.clone(),
            incidents: file.incidents.clone(),
        };
        let token = format!("spw_{}", hex::encode(self.ids().secret()));
        let mut tx = self.store().begin().await?;
        sole_source(&mut tx, &client).await?;
        store::clients::insert(&mut tx, &client, &Digest::of(token.as_bytes()), now)
            .await
            .map_err(|error| {
                if error.is_constraint("clients_name_unique") {
                    ServiceError::field("name", "taken", "There is a client of this name.")
                } else {
                    error.into()
                }
            })?;
        let registered = event(
            EventKind::ClientRegistered,
            client.id,
            serde_json::json!({ "client": client }),
        );
        finish(
            self,
            tx,
            system("operator", correlation),
            vec![registered],
            Effect::OnDecisions,
            now,
        )
        .await?;
        Ok((client.id, token))
    }

    /// Takes a client's credentials away at once, on every node.
    pub async fn revoke_client(&self, caller: &PersonCaller, id: ClientId) -> Result<(), ServiceError> {
        let authorised: Authorised = caller.authorise(Permission::Administer)?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        store::clients::revoke(&mut tx, id, now)
            .await
            .map_err(|error| match error {
                store::StoreError::Stale { .. } => ServiceError::NotFound { what: "client" },
                error => error.into(),
            })?;
        let revoked = event(EventKind::ClientRevoked, id, serde_json::json!({}));
        finish(self, tx, authorised, vec![revoked], Effect::OnDecisions, now).await
    }
}

/// Refuses a right to tell of incidents that another client has already, or a part of it: whoever of the two came first
/// could take an id, and end what is bound to it. Held until the transaction ends.
async fn sole_source(tx: &mut Tx, client: &Client) -> Result<(), ServiceError> {
    let Some(prefix) = &client.incidents else {
        return Ok(());
    };
    store::incidents::tell(tx).await?;
    let others = store::clients::active(tx.conn()).await?;
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
