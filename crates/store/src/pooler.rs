//! What stands between a node and Postgres: nothing, or a pooler that leaves its sessions whole.

use crate::StoreError;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, Row as _};

/// Whether each connection of the pool is one session of Postgres. Behind PgBouncer in transaction mode each transaction may
/// go to another session, so session locks, settings and prepared statements get lost, and with them what keeps a decision
/// from being recorded under an old generation.
///
/// Takes a session's lock in one statement and looks for it in the next one of the same connection, while another connection
/// holds the session that a pooler would give out first. `key` names the lock and must be random: one that an earlier check has
/// left behind would be found. Plain statements, since prepared ones could be what gets lost.
pub async fn keeps_sessions(pool: &PgPool, key: i64) -> Result<bool, StoreError> {
    let (mut first, mut second) = (pool.acquire().await?, pool.acquire().await?);
    first
        .execute(AssertSqlSafe(format!(
            "SELECT pg_try_advisory_lock_shared({key})"
        )))
        .await?;
    second.execute("BEGIN").await?;
    second.execute("SELECT 1").await?;
    let kept: bool = first
        .fetch_one(AssertSqlSafe(format!(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
                 AND (classid::bigint << 32) | objid::bigint = {key})"
        )))
        .await?
        .try_get(0)?;
    second.execute("ROLLBACK").await?;
    if kept {
        first
            .execute(AssertSqlSafe(format!("SELECT pg_advisory_unlock_shared({key})")))
            .await?;
    }
    Ok(kept)
}
