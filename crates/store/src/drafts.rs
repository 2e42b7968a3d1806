//! Forms that somebody has begun and not sent.
//!
//! Nothing here is part of a command's transaction: each call is one statement, so it takes an executor.

use crate::StoreError;
use crate::error::{from_json, to_json};
use domain::name::PersonId;
use domain::window::Instant;
use sqlx::PgExecutor;

const TABLE: &str = "drafts";

/// What was typed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Names and texts of the fields, in order.
    pub fields: Vec<(String, String)>,
    /// When it was kept.
    pub saved_at: Instant,
}

/// Keeps a draft, in the place of the one before.
pub async fn save(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    form: &str,
    draft: &Draft,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO drafts (person_id, form, fields, saved_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT ON CONSTRAINT drafts_pk DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at",
        person.as_str(),
        form,
        to_json(TABLE, "fields", &draft.fields)?,
        draft.saved_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The draft of a person, unless it was kept before `since`.
pub async fn find(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    form: &str,
    since: Instant,
) -> Result<Option<Draft>, StoreError> {
    sqlx::query!(
        "SELECT fields, saved_at FROM drafts WHERE person_id = $1 AND form = $2 AND saved_at > $3",
        person.as_str(),
        form,
        since
    )
    .fetch_optional(db)
    .await?
    .map(|row| {
        Ok(Draft {
            fields: from_json(TABLE, "fields", person, row.fields)?,
            saved_at: row.saved_at,
        })
    })
    .transpose()
}

/// Throws the draft of a person away, if there is one.
pub async fn discard(db: impl PgExecutor<'_>, person: &PersonId, form: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM drafts WHERE person_id = $1 AND form = $2",
        person.as_str(),
        form
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Throws away what was kept before `since`; how many.
pub async fn delete_older(db: impl PgExecutor<'_>, since: Instant) -> Result<u64, StoreError> {
    Ok(sqlx::query!("DELETE FROM drafts WHERE saved_at <= $1", since)
        .execute(db)
        .await?
        .rows_affected())
}
