//! The ways in which sessions end.

use chrono::{DateTime, Utc};
use domain::name::PersonId;
use sqlx::PgExecutor;

use super::IdDigest;
use crate::StoreError;

/// Ends one session. Ending what has ended already is no error.
pub async fn end(executor: impl PgExecutor<'_>, id: &IdDigest) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM sessions WHERE id_digest = $1", id)
        .execute(executor)
        .await?;
    Ok(())
}

/// Ends all sessions of a person, in all browsers. Returns how many there were.
pub async fn end_of_person(executor: impl PgExecutor<'_>, person: &PersonId) -> Result<u64, StoreError> {
    let done = sqlx::query!("DELETE FROM sessions WHERE person_id = $1", person.as_str())
        .execute(executor)
        .await?;
    Ok(done.rows_affected())
}

/// Housekeeping: drops what ended by itself. Returns how many sessions that were.
pub async fn delete_expired(executor: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "WITH tokens AS (DELETE FROM logout_tokens WHERE expires_at <= $1)
         DELETE FROM sessions WHERE idle_expires_at <= $1 OR absolute_expires_at <= $1",
        now,
    )
    .execute(executor)
    .await?;
    Ok(done.rows_affected())
}
