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
            incidents: file.incidents,
        };
        let token = format!("spw_{}", hex::encode(self.ids().secret()));
        let mut tx = self.begin().await?;
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
        let mut tx = self.begin().await?;
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
