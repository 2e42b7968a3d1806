//! Where an entry stands in the log.

use super::StoredCheckpoint;
use crate::StoreError;
use sqlx::PgExecutor;

/// The index of the leaf with this hash; none while it is pending.
pub async fn index_of(db: impl PgExecutor<'_>, leaf_hash: &[u8; 32]) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT index FROM ledger_leaves WHERE hash = $1",
        leaf_hash.as_slice()
    )
    .fetch_optional(db)
    .await?)
}

/// The first checkpoint that covers the entry at an index; none until the next one is signed.
pub async fn checkpoint_over(
    db: impl PgExecutor<'_>,
    index: i64,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    Ok(sqlx::query_as!(
        StoredCheckpoint,
        "SELECT size, root, note, at FROM ledger_checkpoints WHERE size > $1 ORDER BY size LIMIT 1",
        index
    )
    .fetch_optional(db)
    .await?)
}
