//! Registering a client.

use super::{checked, event, make_token, sole_source};
use crate::caller::Administrator;
use crate::command::{Effect, finish};
use crate::directory::ClientFile;
use crate::{Service, ServiceError};
use domain::digest::Digest;
use domain::event::EventKind;
use domain::id::ClientId;

impl Service {
    /// Registers a client. Returns its token, which is shown this once. All administrators are notified.
    ///
    /// Errors with `name`/`taken` where there is or was a client of this name: a name in the audit log means one client.
    pub async fn register_client(
        &self,
        file: &ClientFile,
        by: impl Into<Administrator<'_>>,
    ) -> Result<(ClientId, String), ServiceError> {
        let authorised = by.into().authorise()?;
        let now = self.now();
        let client = checked(file.client(ClientId::from_uuid(self.ids().next(now))))?;
        let token = make_token(self);
        let mut tx = self.begin().await?;
        sole_source(&mut tx, &client, now).await?;
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
        finish(self, tx, authorised, vec![registered], Effect::OnDecisions, now).await?;
        Ok((client.id, token))
    }
}
