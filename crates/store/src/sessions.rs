//! Browser sessions, and which sign-in belongs to which person.
//!
//! Times come from the caller. A session is in force as a function of its row and `now`: deleting expired rows is
//! housekeeping, and none of it has to run for a limit to bite.
//!
//! Nothing here is part of a command's transaction: each call is one statement, so it takes an executor.

mod ending;
mod logout_tokens;
mod sign_ins;

pub use ending::{delete_expired, end, end_of_person};
pub use logout_tokens::{LogoutNotice, obey_logout};
pub use sign_ins::{link, linked, person_of};

use chrono::{DateTime, Utc};
use domain::name::PersonId;
use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;

use crate::StoreError;
use crate::error::{from_json, inconsistent, to_json};

/// SHA-256 of a session's id: the only form in which the database knows it.
pub type IdDigest = [u8; 32];

/// Whom a session belongs to, as the provider vouched for it at sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionIdentity {
    /// The person that (`iss`, `sub`) is linked to.
    pub person: PersonId,
    /// The provider.
    pub iss: String,
    /// The person's id at the provider.
    pub sub: String,
    /// The provider's own session, where it names one.
    pub sid: Option<String>,
    /// The ID token as it came, for the provider's sign-out.
    pub id_token: Option<String>,
    /// What else the token said.
    pub claims: SessionClaims,
}

/// The claims that are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClaims {
    /// The name as people write it.
    pub name: Option<String>,
    /// Where the provider says that they get mail, unless it says that it has not verified that.
    #[serde(default)]
    pub email: Option<String>,
    /// The groups of the configured claim, as they came.
    pub groups: Vec<String>,
    /// When the person last proved to the provider who they are.
    pub auth_time: Option<DateTime<Utc>>,
    /// How strong that proof was.
    pub acr: Option<String>,
    /// By which methods.
    pub amr: Vec<String>,
    /// When they came back from the provider.
    #[serde(default)]
    pub signed_in_at: Option<DateTime<Utc>>,
}

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// When it began; at sign-in it begins anew.
    pub created_at: DateTime<Utc>,
    /// The last request, to the minute or so.
    pub last_seen_at: DateTime<Utc>,
    /// Ends then unless something happens before.
    pub idle_expires_at: DateTime<Utc>,
    /// Ends then whatever happens.
    pub absolute_expires_at: DateTime<Utc>,
    /// Nobody's yet, while the browser is on its way to the provider.
    pub identity: Option<SessionIdentity>,
    /// Sign-ins under way, in a form that only the server's sign-in knows.
    pub pending: serde_json::Value,
    /// What was typed into a form before its sender went to sign in again.
    pub kept: Option<serde_json::Value>,
}

/// Writes a new session. `false` when the id is taken, which for a random id means: draw again.
pub async fn create(
    executor: impl PgExecutor<'_>,
    id: &IdDigest,
    session: &Session,
) -> Result<bool, StoreError> {
    let identity = session.identity.as_ref();
    let claims = identity
        .map(|identity| to_json("sessions", "claims", &identity.claims))
        .transpose()?;
    let done = sqlx::query!(
        "INSERT INTO sessions (id_digest, created_at, last_seen_at, idle_expires_at, absolute_expires_at,
                               person_id, iss, sub, sid, id_token, claims, pending, kept)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (id_digest) DO NOTHING",
        id,
        session.created_at,
        session.last_seen_at,
        session.idle_expires_at,
        session.absolute_expires_at,
        identity.map(|identity| identity.person.as_str()),
        identity.map(|identity| identity.iss.as_str()),
        identity.map(|identity| identity.sub.as_str()),
        identity.and_then(|identity| identity.sid.as_deref()),
        identity.and_then(|identity| identity.id_token.as_deref()),
        claims,
        session.pending,
        session.kept,
    )
    .execute(executor)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what changed in a session. `false` when it has ended meanwhile: a request that was under way during a
/// sign-out must not bring the session back. The absolute limit is set at the beginning and never moves.
pub async fn save(
    executor: impl PgExecutor<'_>,
    id: &IdDigest,
    pending: &serde_json::Value,
    kept: Option<&serde_json::Value>,
    last_seen_at: DateTime<Utc>,
    idle_expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE sessions
            SET pending = $2, kept = $5, last_seen_at = $3, idle_expires_at = LEAST($4, absolute_expires_at)
          WHERE id_digest = $1",
        id,
        pending,
        last_seen_at,
        idle_expires_at,
        kept,
    )
    .execute(executor)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that the session was used.
pub async fn touch(
    executor: impl PgExecutor<'_>,
    id: &IdDigest,
    last_seen_at: DateTime<Utc>,
    idle_expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sessions
            SET last_seen_at = $2, idle_expires_at = LEAST($3, absolute_expires_at)
          WHERE id_digest = $1 AND last_seen_at < $2",
        id,
        last_seen_at,
        idle_expires_at,
    )
    .execute(executor)
    .await?;
    Ok(())
}

/// The session, if there is one within both limits. Nobody has one who is gone from the directory, or whose sign-in is not
/// in it any more: a sign-in that was under way during the import must not outlive it.
pub async fn load(
    executor: impl PgExecutor<'_>,
    id: &IdDigest,
    now: DateTime<Utc>,
) -> Result<Option<Session>, StoreError> {
    let row = sqlx::query_as!(
        SessionRow,
        "SELECT s.created_at, s.last_seen_at, s.idle_expires_at, s.absolute_expires_at,
                s.person_id, s.iss, s.sub, s.sid, s.id_token, s.claims, s.pending, s.kept
           FROM sessions s
          WHERE s.id_digest = $1 AND $2 < s.idle_expires_at AND $2 < s.absolute_expires_at
            AND NOT EXISTS (SELECT FROM principals p WHERE p.kind = 'person' AND p.id = s.person_id AND p.gone)
            AND NOT EXISTS (SELECT FROM sign_ins i WHERE i.iss = s.iss AND i.sub = s.sub AND NOT i.listed)",
        id,
        now,
    )
    .fetch_optional(executor)
    .await?;
    row.map(|row| row.session()).transpose()
}

struct SessionRow {
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    idle_expires_at: DateTime<Utc>,
    absolute_expires_at: DateTime<Utc>,
    person_id: Option<String>,
    iss: Option<String>,
    sub: Option<String>,
    sid: Option<String>,
    id_token: Option<String>,
    claims: Option<serde_json::Value>,
    pending: serde_json::Value,
    kept: Option<serde_json::Value>,
}

impl SessionRow {
    /// The constraint `sessions_identity_fits` says that the four parts of an identity come together. A row that cannot
    /// be read is named by its subject, never by its id.
    fn session(self) -> Result<Session, StoreError> {
        let identity = match (self.person_id, self.iss, self.sub, self.claims) {
            (Some(person), Some(iss), Some(sub), Some(claims)) => Some(SessionIdentity {
                person: PersonId::new(person).map_err(inconsistent("sessions", "person_id", &sub))?,
                claims: from_json("sessions", "claims", &sub, claims)?,
                iss,
                sub,
                sid: self.sid,
                id_token: self.id_token,
            }),
            _ => None,
        };
        Ok(Session {
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            idle_expires_at: self.idle_expires_at,
            absolute_expires_at: self.absolute_expires_at,
            identity,
            pending: self.pending,
            kept: self.kept,
        })
    }
}
