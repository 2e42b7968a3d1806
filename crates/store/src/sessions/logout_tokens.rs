//! Sessions that the provider ends.

use chrono::{DateTime, Utc};
use domain::name::PersonId;
use sqlx::PgExecutor;

use crate::StoreError;
use crate::error::inconsistent;

/// What a verified logout token says.
#[derive(Debug, Clone, Copy)]
pub struct LogoutNotice<'a> {
    /// The provider.
    pub iss: &'a str,
    /// SHA-256 of the token's `jti`.
    pub jti_digest: &'a [u8; 32],
    /// From when on the token would be refused for its age.
    pub expires_at: DateTime<Utc>,
    /// The provider's session. Where a subject is named too, both must fit: a session id is unique only within its issuer.
    pub sid: Option<&'a str>,
    /// The person's id at the provider: all sessions of it, where no session is named.
    pub sub: Option<&'a str>,
}

/// Uses up a logout token and ends the sessions that it names. Returns whose they were, once per session; nothing when the
/// token was used up before. Both happen in one statement: where the sessions cannot be ended, the token stays good.
pub async fn obey_logout(
    executor: impl PgExecutor<'_>,
    notice: &LogoutNotice<'_>,
) -> Result<Option<Vec<PersonId>>, StoreError> {
    let done = sqlx::query!(
        r#"WITH used AS (
               INSERT INTO logout_tokens (iss, jti_digest, expires_at) VALUES ($1, $2, $3)
               ON CONFLICT (iss, jti_digest) DO NOTHING
               RETURNING iss
           ), ended AS (
               DELETE FROM sessions s USING used
                WHERE s.iss = used.iss AND ($4::text IS NOT NULL OR $5::text IS NOT NULL)
                  AND ($4::text IS NULL OR s.sid = $4) AND ($5::text IS NULL OR s.sub = $5)
               RETURNING s.person_id
           )
           SELECT EXISTS (SELECT FROM used) AS "first_time!", ARRAY(SELECT person_id FROM ended) AS "persons!: Vec<String>""#,
        notice.iss,
        notice.jti_digest,
        notice.expires_at,
        notice.sid,
        notice.sub,
    )
    .fetch_one(executor)
    .await?;
    if !done.first_time {
        return Ok(None);
    }
    let persons = done.persons.into_iter();
    persons
        .map(|id| PersonId::new(id.clone()).map_err(inconsistent("sessions", "person_id", id)))
        .collect::<Result<_, _>>()
        .map(Some)
}
