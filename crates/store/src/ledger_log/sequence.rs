//! Placing pending entries.

use crate::error::exactly_one;
use crate::{StoreError, Tx};
use domain::window::Instant;
use sqlx::{Executor as _, PgExecutor};

/// Where the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries are placed.
    pub size: i64,
    /// The hashes of the complete subtrees, largest first, 32 bytes each.
    pub frontier: Vec<u8>,
    /// Counted up by an operator after the database was set back.
    pub epoch: i32,
}

/// What one call placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// How many entries.
    pub count: i64,
    /// Their leaf hashes in order, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// How many entries it covers.
    pub size: i64,
    /// The root of their tree.
    pub root: Vec<u8>,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub at: Instant,
}

/// Takes the sequencer's lock until the transaction ends; false where another node has it.
pub async fn try_lock(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock(7311502) AS "got!""#)
            .fetch_one(tx.conn())
            .await?,
    )
}

/// The head.
pub async fn head(db: impl PgExecutor<'_>) -> Result<Head, StoreError> {
    Ok(
        sqlx::query_as!(Head, "SELECT size, frontier, epoch FROM ledger_head")
            .fetch_one(db)
            .await?,
    )
}

/// Places the oldest pending entries from `first_index` on, up to `most` or one transaction's.
///
/// The transaction's commit is not waited for to be on disk. Lost in a crash, the entries are pending again; whatever
/// relies on them (a checkpoint) has to commit durably afterwards.
pub async fn place(tx: &mut Tx, first_index: i64, most: i32) -> Result<Placed, StoreError> {
    tx.conn().execute("SET LOCAL synchronous_commit = off").await?;
    Ok(sqlx::query_as!(
        Placed,
        r#"SELECT placed AS "count!", hashes AS "hashes!" FROM place_pending($1, $2)"#,
        first_index,
        most
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Moves the head on, if it is still where it was read.
pub async fn advance(tx: &mut Tx, from: &Head, size: i64, frontier: &[u8]) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE ledger_head SET size = $3, frontier = $4 WHERE size = $1 AND frontier = $2",
        from.size,
        from.frontier,
        size,
        frontier
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("ledger_head", from.size, rows)
}

/// The checkpoint that covers most.
pub async fn newest_checkpoint(db: impl PgExecutor<'_>) -> Result<Option<StoredCheckpoint>, StoreError> {
    Ok(sqlx::query_as!(
        StoredCheckpoint,
        "SELECT size, root, note, at FROM ledger_checkpoints ORDER BY size DESC LIMIT 1"
    )
    .fetch_optional(db)
    .await?)
}

/// The checkpoint of exactly this size.
pub async fn checkpoint_of(
    db: impl PgExecutor<'_>,
    size: i64,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    Ok(sqlx::query_as!(
        StoredCheckpoint,
        "SELECT size, root, note, at FROM ledger_checkpoints WHERE size = $1",
        size
    )
    .fetch_optional(db)
    .await?)
}

/// Leaf hashes after an index, in order.
pub async fn hashes_after(
    db: impl PgExecutor<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT index, hash FROM ledger_leaves WHERE index > $1 ORDER BY index LIMIT $2",
        after,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.index, row.hash)).collect())
}

/// Stores a checkpoint; the same size again changes nothing.
pub async fn insert_checkpoint(
    db: impl PgExecutor<'_>,
    checkpoint: &StoredCheckpoint,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO ledger_checkpoints (size, root, note, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        checkpoint.size,
        checkpoint.root,
        checkpoint.note,
        checkpoint.at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many transactions wait to be placed, and since when the oldest does.
pub async fn pending(db: impl PgExecutor<'_>) -> Result<(i64, Option<Instant>), StoreError> {
    let row = sqlx::query!(r#"SELECT count(*) AS "count!", min(at) AS oldest FROM ledger_pending"#)
        .fetch_one(db)
        .await?;
    Ok((row.count, row.oldest))
}
