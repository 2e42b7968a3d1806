//! Policy versions: immutable text under its digest.

use crate::error::{exactly_one, from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::digest::Digest;
use domain::name::PersonId;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

/// The files of a version: path → text.
pub type Files = BTreeMap<String, String>;

/// When a version was last put in force; none where it never was, or is not stored.
pub async fn published_at(db: impl PgExecutor<'_>, version: &Digest) -> Result<Option<Instant>, StoreError> {
    let at = sqlx::query_scalar!(
        "SELECT published_at FROM policy_versions WHERE digest = $1",
        version.as_bytes().as_slice()
    )
    .fetch_optional(db)
    .await?;
    Ok(at.flatten())
}

/// One version's files.
pub async fn files(db: impl PgExecutor<'_>, version: &Digest) -> Result<Option<Files>, StoreError> {
    sqlx::query_scalar!(
        "SELECT files FROM policy_versions WHERE digest = $1",
        version.as_bytes().as_slice()
    )
    .fetch_optional(db)
    .await?
    .map(|files| from_json("policy_versions", "files", version, files))
    .transpose()
}

/// Puts a version in force and supersedes the one that was. Answers when, which is what its event has to say: `now`, or
/// the last publication where that is later by another node's clock. None where `in_force` says that it is in force
/// already, and the row says so too: nothing changes then.
///
/// Errors with [`StoreError::Inconsistent`] where another text is stored under this digest.
pub async fn publish(
    tx: &mut Tx,
    version: &Digest,
    stored: &Files,
    in_force: bool,
    proposed_by: Option<&PersonId>,
    now: Instant,
) -> Result<Option<Instant>, StoreError> {
    let bytes = version.as_bytes().as_slice();
    if let Some(found) = files(&mut *tx.conn(), version).await?
        && found != *stored
    {
        return Err(inconsistent("policy_versions", "files", version)(
            "the stored text of this version has been changed",
        ));
    }
    let marked = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM policy_versions WHERE digest = $1 AND state = 'published') AS "marked!""#,
        bytes
    )
    .fetch_one(tx.conn())
    .await?;
    if marked && in_force {
        return Ok(None);
    }
    let last = sqlx::query_scalar!("SELECT max(published_at) FROM policy_versions")
        .fetch_one(tx.conn())
        .await?;
    let at = last.map_or(now, |last| last.max(now));
    sqlx::query!("UPDATE policy_versions SET state = 'superseded' WHERE state = 'published'")
        .execute(tx.conn())
        .await?;
    let rows = sqlx::query!(
        "INSERT INTO policy_versions (digest, files, state, proposed_by, published_at, created_at)
         VALUES ($1, $2, 'published', $3, $4, $4)
         ON CONFLICT (digest) DO UPDATE SET state = 'published', published_at = excluded.published_at",
        bytes,
        to_json("policy_versions", "files", stored)?,
        proposed_by.map(PersonId::as_str),
        at,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("policy_versions", version, rows)?;
    Ok(Some(at))
}
