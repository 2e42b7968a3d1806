//! Whether a file is the one in force, without reading the directory.

use crate::error::to_json;
use crate::{StoreError, Tx};
use domain::digest::Digest;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

/// Notes the file that the directory comes from. The last step of a change: any other change of the directory takes it back.
pub async fn note_file(tx: &mut Tx, file: &Digest) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE directory_version SET file = $1",
        file.as_bytes().as_slice()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the directory comes from this file, and these files of a policy are in force, with the event that says so.
pub async fn stand(
    db: impl PgExecutor<'_>,
    file: &Digest,
    (policy, files): (&Digest, &BTreeMap<String, String>),
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM directory_version WHERE file = $1)
              AND EXISTS (
                  SELECT FROM policy_versions p
                   WHERE p.state = 'published' AND p.digest = $2 AND p.files = $3
                     AND EXISTS (SELECT FROM events v WHERE v.kind = 'policy.published'
                                 AND v.policy_digest = p.digest AND v.at = p.published_at)
                     AND NOT EXISTS (SELECT FROM events v WHERE v.kind = 'policy.published' AND v.at > p.published_at))
              AS "stand!""#,
        file.as_bytes().as_slice(),
        policy.as_bytes().as_slice(),
        to_json("policy_versions", "files", files)?,
    )
    .fetch_one(db)
    .await?)
}
