//! Which logout tokens were obeyed already.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::StoreError;

/// Remembers a logout token by its issuer and the SHA-256 of its `jti`. `false` when it was known: a replay.
pub async fn remember_logout_token(
    executor: impl PgExecutor<'_>,
    iss: &str,
    jti_digest: &[u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "INSERT INTO logout_tokens (iss, jti_digest, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (iss, jti_digest) DO NOTHING",
        iss,
        jti_digest,
        expires_at,
    )
    .execute(executor)
    .await?;
    Ok(done.rows_affected() == 1)
}
