//! `spillway verify`.

use super::RunError;
use crate::command::Verify;
use crate::config;
use crate::database::Database;
use crate::verify::{Trust, verify, words};
use store::Store;

/// Prints the report; errors where something is not as it was signed, so that the exit code says it too.
pub(super) async fn run(asked: &Verify) -> Result<(), RunError> {
    let database = match config::database_url(asked.configured.config.as_deref())? {
        Some(url) => Database::named(&url).await?,
        None => Database::private(&asked.data).await?,
    };
    let key_file = asked
        .key_file
        .clone()
        .unwrap_or_else(|| asked.data.join("signing.key"));
    let trust = Trust {
        verifier_key: asked.verifier_key.clone(),
        ..Trust::of_node(&asked.data, key_file)
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
