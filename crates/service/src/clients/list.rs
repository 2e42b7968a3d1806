//! All clients.

use crate::caller::Administrator;
use crate::{Service, ServiceError};
use store::clients::ListedClient;

impl Service {
    /// All clients by name, revoked ones too, with when their tokens were last used. No token is in it.
    pub async fn list_clients(
        &self,
        by: impl Into<Administrator<'_>>,
    ) -> Result<Vec<ListedClient>, ServiceError> {
        by.into().authorise()?;
        Ok(store::clients::list(self.store().pool(), self.now()).await?)
    }
}
