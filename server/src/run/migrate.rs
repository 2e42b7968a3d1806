//! `spillway migrate`.

use super::RunError;
use crate::command::Configured;
use crate::{config, database};

/// Only the database is needed, so a configuration without an identity provider will do.
pub(super) async fn run(configured: &Configured) -> Result<(), RunError> {
    let url = config::storage(configured.config.as_deref(), None)?
        .database_url
        .ok_or(RunError::NoDatabaseNamed)?;
    database::migrate_named(&url).await?;
    tracing::info!("the schema is of this version");
    Ok(())
}
