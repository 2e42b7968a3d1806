//! Reading the whole log for verification. Nothing here judges: it hands out bytes as they are stored.

use crate::{Store, StoreError};
use domain::id::{DecisionId, EventId};
use sqlx::{Executor as _, PgConnection, PgExecutor};
use uuid::Uuid;

/// A placed entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRow {
    /// Its place.
    pub index: i64,
    /// The leaf's bytes.
    pub bytes: Vec<u8>,
    /// Its stored hash.
    pub hash: Vec<u8>,
}

/// What a decision's leaf commits to, and the columns beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionPart {
    /// Which.
    pub id: DecisionId,
    /// Salt of the commitment.
    pub salt: Vec<u8>,
    /// The record.
    pub record: Vec<u8>,
    /// The leaf's hash.
    pub leaf_hash: Vec<u8>,
    /// Columns that the record holds too, in one text: `principal_kind principal_id …`.
    pub columns: Vec<String>,
}

/// What an event's leaf commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPart {
    /// Which.
    pub id: EventId,
    /// What kind.
    pub kind: String,
    /// Salt of the commitment.
    pub salt: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
    /// The leaf's hash.
    pub leaf_hash: Vec<u8>,
}

/// Begins a read in which all that follows is of one moment. It may take as long as the log is long.
pub async fn begin_verification(
    store: &Store,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, StoreError> {
    let mut tx = store
        .pool()
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    tx.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        .await?;
    Ok(tx)
}

/// All checkpoints, smallest first.
pub async fn checkpoints(db: impl PgExecutor<'_>) -> Result<Vec<String>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT note FROM ledger_checkpoints ORDER BY size")
            .fetch_all(db)
            .await?,
    )
}

/// Entries after an index, in order.
pub async fn leaves(db: impl PgExecutor<'_>, after: i64, limit: i64) -> Result<Vec<LeafRow>, StoreError> {
    Ok(sqlx::query_as!(
        LeafRow,
        "SELECT index, bytes, hash FROM ledger_leaves WHERE index > $1 ORDER BY index LIMIT $2",
        after,
        limit
    )
    .fetch_all(db)
    .await?)
}

/// The leaf hashes that wait to be placed, 32 bytes each, one after the other for each transaction.
pub async fn pending_hashes(db: impl PgExecutor<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT hashes FROM ledger_pending ORDER BY id")
            .fetch_all(db)
            .await?,
    )
}

/// What the leaves of these decisions commit to.
pub async fn decision_parts(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<DecisionPart>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, salt, record, leaf_hash, ARRAY[principal_kind, principal_id, resource_type, resource_id, capability,
               tier, base, effective, answer::text, generation::text] AS "columns!: Vec<String>"
           FROM decisions WHERE id = ANY($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| DecisionPart {
            id: DecisionId::from_uuid(row.id),
            salt: row.salt,
            record: row.record,
            leaf_hash: row.leaf_hash,
            columns: row.columns,
        })
        .collect())
}

/// What the leaves of these events commit to.
pub async fn event_parts(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<EventPart>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, kind, salt, body, leaf_hash FROM events WHERE id = ANY($1)",
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| EventPart {
            id: EventId::from_uuid(row.id),
            kind: row.kind,
            salt: row.salt,
            body: row.body,
            leaf_hash: row.leaf_hash,
        })
        .collect())
}

/// Decisions whose leaf is not among the placed ones, oldest first, with their leaf hashes.
pub async fn unplaced_decisions(conn: &mut PgConnection) -> Result<Vec<(DecisionId, Vec<u8>)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT d.id, d.leaf_hash FROM decisions d
         WHERE NOT EXISTS (SELECT FROM ledger_leaves l WHERE l.hash = d.leaf_hash) ORDER BY d.id"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (DecisionId::from_uuid(row.id), row.leaf_hash))
        .collect())
}

/// Events whose leaf is not among the placed ones, oldest first, with their leaf hashes.
pub async fn unplaced_events(conn: &mut PgConnection) -> Result<Vec<(EventId, Vec<u8>)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT e.id, e.leaf_hash FROM events e
         WHERE NOT EXISTS (SELECT FROM ledger_leaves l WHERE l.hash = e.leaf_hash) ORDER BY e.id"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (EventId::from_uuid(row.id), row.leaf_hash))
        .collect())
}
