//! Policy versions: immutable text under its digest.

use crate::error::{digest, exactly_one, from_json, to_json};
use crate::{StoreError, Tx};
use domain::digest::Digest;
use domain::name::PersonId;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

/// The files of a version: path → text.
pub type Files = BTreeMap<String, String>;

/// The version in force; none before the first start is done.
pub async fn published(db: impl PgExecutor<'_>) -> Result<Option<(Digest, Files)>, StoreError> {
    let Some(row) = sqlx::query!("SELECT digest, files FROM policy_versions WHERE state = 'published'")
        .fetch_optional(db)
        .await?
    else {
        return Ok(None);
    };
    let digest = digest("policy_versions", "digest", "published", &row.digest)?;
    Ok(Some((
        digest,
        from_json("policy_versions", "files", digest, row.files)?,
    )))
}

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

/// Puts a version in force and supersedes the one that was. The same digest again changes nothing and returns false.
pub async fn publish(
    tx: &mut Tx,
    version: &Digest,
    files: &Files,
    proposed_by: Option<&PersonId>,
    now: Instant,
) -> Result<bool, StoreError> {
    let bytes = version.as_bytes().as_slice();
    let already = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM policy_versions WHERE digest = $1 AND state = 'published') AS "already!""#,
        bytes
    )
    .fetch_one(tx.conn())
    .await?;
    if already {
        return Ok(false);
    }
    sqlx::query!("UPDATE policy_versions SET state = 'superseded' WHERE state = 'published'")
        .execute(tx.conn())
        .await?;
    let rows = sqlx::query!(
        "INSERT INTO policy_versions (digest, files, state, proposed_by, published_at, created_at)
         VALUES ($1, $2, 'published', $3, $4, $4)
         ON CONFLICT (digest) DO UPDATE SET state = 'published', published_at = excluded.published_at",
        bytes,
        to_json("policy_versions", "files", files)?,
        proposed_by.map(PersonId::as_str),
        now,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("policy_versions", version, rows)?;
    Ok(true)
}
