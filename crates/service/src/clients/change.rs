//! Changing what a client may do.

use super::{UNKNOWN, checked, event, sole_source};
use crate::caller::Administrator;
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use domain::client::{Client, ClientChange};
use domain::event::EventKind;

impl Service {
    /// Gives the client with the id and name of `after` the rights of `after`; its token stays. Returns what changed;
    /// without a difference nothing does. Where it may do more by any of it, all administrators are notified.
    pub async fn change_client(
        &self,
        after: Client,
        by: impl Into<Administrator<'_>>,
    ) -> Result<Vec<ClientChange>, ServiceError> {
        let authorised = by.into().authorise()?;
        let after = checked(after)?;
        let mut tx = self.begin().await?;
        let before = store::clients::lock(&mut tx, after.id).await?.ok_or(UNKNOWN)?;
        if before.name != after.name {
            return Err(ServiceError::field("name", "fixed", "A client keeps its name."));
        }
        let changes = before.changes_to(&after);
        if changes.is_empty() {
            return Ok(changes);
        }
        sole_source(&mut tx, &after, self.now()).await?;
        store::clients::update(&mut tx, &after).await?;
        let kind = if changes.iter().any(|change| change.widens) {
            EventKind::ClientWidened
        } else {
            EventKind::ClientNarrowed
        };
        let body = serde_json::json!({ "client": after, "before": before, "changes": changes });
        let changed = event(kind, after.id, body);
        finish(
            self,
            tx,
            authorised,
            vec![changed],
            Effect::OnDecisions,
            self.now(),
        )
        .await?;
        Ok(changes)
    }
}
