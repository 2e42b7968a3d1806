//! `spillway verify`.

use super::RunError;
use crate::command::Verify;
use crate::config;
use crate::database::Database;
use crate::verify::{Trust, verify, words};
use store::Store;

/// Prints the report; errors where something is not as it was signed, so that the exit code says it too.
pub(super) async fn run(asked: &Verify) -> Result<(), RunError> {
    let storage = config::storage(asked.configured.config.as_deref(), asked.data.clone())?;
    let database = match storage.database_url {
        Some(url) => Database::named(&url).await?,
        None => Database::private(&storage.data).await?,
    };
    let trust = Trust {
        verifier_key: asked.verifier_key.clone(),
        ..Trust::of_node(
            &storage.data,
            asked.key_file.clone().unwrap_or(storage.keys.signing),
        )
    };
    let report = verify(&Store::new(database.pool.clone()), &trust).await;
    let closed = database.close().await;
    let report = report?;
    println!("{}", words(&report));
    closed?;
    if report.is_intact() {
        Ok(())
    } else {
        Err(RunError::NotIntact)
    }
}
