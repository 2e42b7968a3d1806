//! Endpoints: addresses of machines and chats that notices go to.

use crate::error::{exactly_one, inconsistent};
use crate::{StoreError, Tx};
use domain::id::EndpointId;
use domain::name::PersonId;
use domain::notice::{DisabledWhy, EndpointKind};
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

const TABLE: &str = "notice_endpoints";

/// An endpoint. What is sealed can be read only with a key that is not in the database.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Counted up with each change.
    pub version: i32,
    /// What is there.
    pub kind: EndpointKind,
    /// What administrators call it.
    pub name: String,
    /// Only news of tiers with this channel; none: all.
    pub channel: Option<String>,
    /// The host of its address, to show.
    pub host: String,
    /// Its address, sealed.
    pub sealed_address: Vec<u8>,
    /// What signs, sealed; of webhooks alone.
    pub sealed_secret: Option<Vec<u8>>,
    /// What signs besides, sealed, and until when.
    pub previous: Option<(Vec<u8>, Instant)>,
    /// Who registered it.
    pub registered_by: PersonId,
    /// When.
    pub created_at: Instant,
    /// Since when it is used no more, and why.
    pub disabled: Option<(Instant, DisabledWhy)>,
}

struct EndpointRow {
    id: Uuid,
    version: i32,
    kind: String,
    name: String,
    channel: Option<String>,
    host: String,
    sealed_address: Vec<u8>,
    sealed_secret: Option<Vec<u8>>,
    sealed_previous: Option<Vec<u8>>,
    previous_until: Option<Instant>,
    registered_by: String,
    created_at: Instant,
    disabled_at: Option<Instant>,
    disabled_why: Option<String>,
}

impl TryFrom<EndpointRow> for Endpoint {
    type Error = StoreError;
    fn try_from(row: EndpointRow) -> Result<Self, StoreError> {
        let id = EndpointId::from_uuid(row.id);
        let disabled = match (row.disabled_at, row.disabled_why.as_deref()) {
            (None, None) => None,
            (Some(at), Some("administrator")) => Some((at, DisabledWhy::Administrator)),
            (Some(at), Some("gone")) => Some((at, DisabledWhy::Gone)),
            (_, other) => {
                return Err(inconsistent(TABLE, "disabled_why", id)(format!(
                    "unknown reason {}",
                    other.unwrap_or("none")
                )));
            }
        };
        Ok(Self {
            id,
            version: row.version,
            kind: row.kind.parse().map_err(inconsistent(TABLE, "kind", id))?,
            name: row.name,
            channel: row.channel,
            host: row.host,
            sealed_address: row.sealed_address,
            sealed_secret: row.sealed_secret,
            previous: row.sealed_previous.zip(row.previous_until),
            registered_by: PersonId::new(row.registered_by).map_err(inconsistent(
                TABLE,
                "registered_by",
                id,
            ))?,
            created_at: row.created_at,
            disabled,
        })
    }
}

/// Stores a new endpoint.
pub async fn insert(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO notice_endpoints (id, kind, name, channel, host, sealed_address, sealed_secret, registered_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        endpoint.id.uuid(),
        endpoint.kind.as_str(),
        endpoint.name,
        endpoint.channel,
        endpoint.host,
        endpoint.sealed_address,
        endpoint.sealed_secret,
        endpoint.registered_by.as_str(),
        endpoint.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores what may change: the secrets, and that it is used no more.
pub async fn update(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE notice_endpoints
         SET version = version + 1, sealed_secret = $3, sealed_previous = $4, previous_until = $5, disabled_at = $6,
             disabled_why = $7
         WHERE id = $1 AND version = $2",
        endpoint.id.uuid(),
        endpoint.version,
        endpoint.sealed_secret,
        endpoint.previous.as_ref().map(|(sealed, _)| sealed),
        endpoint.previous.as_ref().map(|(_, until)| until),
        endpoint.disabled.map(|(at, _)| at),
        endpoint.disabled.map(|(_, why)| why.as_str()),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, endpoint.id, rows)
}

/// One endpoint.
pub async fn find(db: impl PgExecutor<'_>, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
    sqlx::query_as!(
        EndpointRow,
        "SELECT id, version, kind, name, channel, host, sealed_address, sealed_secret, sealed_previous, previous_until,
             registered_by, created_at, disabled_at, disabled_why
         FROM notice_endpoints WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// All endpoints: those in use first, by name.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Endpoint>, StoreError> {
    sqlx::query_as!(
        EndpointRow,
        "SELECT id, version, kind, name, channel, host, sealed_address, sealed_secret, sealed_previous, previous_until,
             registered_by, created_at, disabled_at, disabled_why
         FROM notice_endpoints ORDER BY disabled_at IS NOT NULL, name, id LIMIT 500"
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Where news goes: the id, kind and channel of each endpoint in use.
pub async fn in_use(
    db: impl PgExecutor<'_>,
) -> Result<Vec<(EndpointId, EndpointKind, Option<String>)>, StoreError> {
    sqlx::query!("SELECT id, kind, channel FROM notice_endpoints WHERE disabled_at IS NULL ORDER BY id")
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| {
            let id = EndpointId::from_uuid(row.id);
            let kind = row.kind.parse().map_err(inconsistent(TABLE, "kind", id))?;
            Ok((id, kind, row.channel))
        })
        .collect()
}
