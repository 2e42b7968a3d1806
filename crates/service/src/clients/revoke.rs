//! Taking a client's credentials away.

use super::{UNKNOWN, event};
use crate::caller::Administrator;
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use domain::event::EventKind;
use domain::id::ClientId;

impl Service {
    /// Takes a client's credentials away: none of its tokens is valid on any node from this command's commit on.
    pub async fn revoke_client(
        &self,
        by: impl Into<Administrator<'_>>,
        id: ClientId,
    ) -> Result<(), ServiceError> {
        let authorised = by.into().authorise()?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let client = store::clients::lock(&mut tx, id).await?.ok_or(UNKNOWN)?;
        store::clients::revoke(&mut tx, id, now).await?;
        let body = serde_json::json!({ "client": { "name": client.name } });
        let revoked = event(EventKind::ClientRevoked, id, body);
        finish(self, tx, authorised, vec![revoked], Effect::OnDecisions, now).await
    }
}
