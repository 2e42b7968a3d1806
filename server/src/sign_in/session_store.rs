//! Sessions in Postgres, behind `tower-sessions`.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use store::sessions::{self, IdDigest, SessionIdentity};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer};
use url::Url;

use super::{ATTEMPT_LIMIT, kept, pending, session};
use service::clock::Clock;

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a request.
    pub idle: TimeDelta,
    /// At all.
    pub absolute: TimeDelta,
}

/// Use is noted at most this often: a write for every read would cost more than it tells.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How often a new id may collide before something is wrong with the randomness.
const DRAWS: usize = 3;

/// Sessions in Postgres. The clock is ours, so that the limits can be tested, and so that `now` is the same everywhere.
#[derive(Debug, Clone)]
pub struct SessionStore {
    pool: PgPool,
    clock: Arc<dyn Clock>,
    limits: SessionLimits,
}

impl SessionStore {
    /// A store on this database.
    pub fn new(pool: PgPool, clock: Arc<dyn Clock>, limits: SessionLimits) -> Self {
        Self { pool, clock, limits }
    }

    fn new_row(&self, record: &Record) -> Result<sessions::Session> {
        let now = self.clock.now();
        let identity: Option<SessionIdentity> = match record.data.get(session::KEY) {
            Some(value) => {
                Some(serde_json::from_value(value.clone()).map_err(|e| Error::Encode(e.to_string()))?)
            }
            None => None,
        };
        let absolute = now
            + if identity.is_some() {
                self.limits.absolute
            } else {
                ATTEMPT_LIMIT
            };
        Ok(sessions::Session {
            created_at: now,
            last_seen_at: now,
            idle_expires_at: absolute.min(now + self.limits.idle),
            absolute_expires_at: absolute,
            identity,
            pending: pending_of(record),
            kept: record.data.get(kept::KEY).cloned(),
        })
    }
}

#[async_trait]
impl tower_sessions::SessionStore for SessionStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let row = self.new_row(record)?;
        for _ in 0..DRAWS {
            if sessions::create(&self.pool, &digest(record.id), &row)
                .await
                .map_err(backend)?
            {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(Error::Backend("no free session id".to_owned()))
    }

    /// A session that ended meanwhile stays ended; the request that was under way has had its answer.
    async fn save(&self, record: &Record) -> Result<()> {
        let now = self.clock.now();
        let pending = pending_of(record);
        sessions::save(
            &self.pool,
            &digest(record.id),
            &pending,
            record.data.get(kept::KEY),
            now,
            now + self.limits.idle,
        )
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.clock.now();
        let key = digest(*id);
        let Some(row) = sessions::load(&self.pool, &key, now).await.map_err(backend)? else {
            return Ok(None);
        };
        if now - row.last_seen_at >= NOTED_EVERY {
            sessions::touch(&self.pool, &key, now, now + self.limits.idle)
                .await
                .map_err(backend)?;
        }
        let expiry_date = offset(row.absolute_expires_at)?;
        let mut record = Record {
            id: *id,
            data: std::collections::HashMap::new(),
            expiry_date,
        };
        record.data.insert(pending::KEY.to_owned(), row.pending);
        if let Some(kept) = row.kept {
            record.data.insert(kept::KEY.to_owned(), kept);
        }
        if let Some(identity) = row.identity {
            let identity = serde_json::to_value(identity).map_err(|e| Error::Decode(e.to_string()))?;
            record.data.insert(session::KEY.to_owned(), identity);
        }
        Ok(Some(record))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::end(&self.pool, &digest(*id)).await.map_err(backend)
    }
}

/// `__Host-` binds the cookie to this host, over https. Lax, since Strict would lose it on the way back from the
/// provider. On the loopback demo, plain http: Safari refuses `Secure` there, and ports share cookies, so the port is in
/// the name.
pub fn cookie_layer(store: SessionStore, public_url: &Url) -> SessionManagerLayer<SessionStore> {
    let https = public_url.scheme() == "https";
    let name = match public_url.port_or_known_default() {
        _ if https => "__Host-spillway".to_owned(),
        Some(port) => format!("spillway_{port}"),
        None => "spillway".to_owned(),
    };
    SessionManagerLayer::new(store)
        .with_name(name)
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

fn pending_of(record: &Record) -> Value {
    record
        .data
        .get(pending::KEY)
        .cloned()
        .unwrap_or_else(|| Value::Array(Vec::new()))
}

fn digest(id: Id) -> IdDigest {
    Sha256::digest(id.0.to_le_bytes()).into()
}

fn offset(at: DateTime<Utc>) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.timestamp()).map_err(|e| Error::Decode(e.to_string()))
}

/// The layer above knows only texts; what happened is logged here, where it is still whole.
fn backend(error: store::StoreError) -> Error {
    tracing::error!(
        error = &error as &dyn std::error::Error,
        "sessions are out of reach"
    );
    Error::Backend(error.to_string())
}
