//! Forms that were sent, so that one that comes twice makes one thing.

use crate::{StoreError, Tx};
use domain::digest::Digest;
use domain::name::PersonId;
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

/// Notes that a person's form makes this. Where the same form was sent before, what that made; a transaction that is just
/// sending it is waited for.
pub async fn note(
    tx: &mut Tx,
    person: &PersonId,
    form: &Digest,
    made: Uuid,
    at: Instant,
) -> Result<Option<Uuid>, StoreError> {
    let noted = sqlx::query!(
        "INSERT INTO sent_forms (person_id, digest, made, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        person.as_str(),
        form.as_bytes(),
        made,
        at
    )
    .execute(tx.conn())
    .await?;
    if noted.rows_affected() == 1 {
        return Ok(None);
    }
    Ok(sqlx::query_scalar!(
        "SELECT made FROM sent_forms WHERE person_id = $1 AND digest = $2 FOR UPDATE",
        person.as_str(),
        form.as_bytes()
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Notes that a form which was sent before makes this by now.
pub async fn note_anew(
    tx: &mut Tx,
    person: &PersonId,
    form: &Digest,
    made: Uuid,
    at: Instant,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sent_forms SET made = $3, at = $4 WHERE person_id = $1 AND digest = $2",
        person.as_str(),
        form.as_bytes(),
        made,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets what was sent before `since`; how many.
pub async fn delete_older(db: impl PgExecutor<'_>, since: Instant) -> Result<u64, StoreError> {
    Ok(sqlx::query!("DELETE FROM sent_forms WHERE at <= $1", since)
        .execute(db)
        .await?
        .rows_affected())
}
