//! The ways in which sessions end.

use chrono::{DateTime, Utc};
use domain::name::PersonId;
use sqlx::PgExecutor;

use super::IdDigest;
use crate::StoreError;
use crate::error::inconsistent;

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

/// Ends the sessions that began in one session of the provider. Returns whose they were, once per session.
///
/// Where the provider names a subject too, both must fit: a session id alone is unique only within its issuer.
pub async fn end_of_provider_session(
    executor: impl PgExecutor<'_>,
    iss: &str,
    sid: &str,
    sub: Option<&str>,
) -> Result<Vec<PersonId>, StoreError> {
    let ended = sqlx::query_scalar!(
        "DELETE FROM sessions WHERE iss = $1 AND sid = $2 AND ($3::text IS NULL OR sub = $3) RETURNING person_id",
        iss,
        sid,
        sub,
    )
    .fetch_all(executor)
    .await?;
    persons(ended)
}

/// Ends all sessions of one sign-in. Returns whose they were, once per session.
pub async fn end_of_subject(
    executor: impl PgExecutor<'_>,
    iss: &str,
    sub: &str,
) -> Result<Vec<PersonId>, StoreError> {
    let ended = sqlx::query_scalar!(
        "DELETE FROM sessions WHERE iss = $1 AND sub = $2 RETURNING person_id",
        iss,
        sub
    )
    .fetch_all(executor)
    .await?;
    persons(ended)
}

fn persons(ended: Vec<Option<String>>) -> Result<Vec<PersonId>, StoreError> {
    let ids = ended.into_iter().flatten();
    ids.map(|id| PersonId::new(id.clone()).map_err(inconsistent("sessions", "person_id", id)))
        .collect()
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
