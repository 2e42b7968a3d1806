//! Events: every change of state, with what its ledger leaf commits to.

use crate::error::{digest, inconsistent};
use crate::{StoreError, Tx};
use domain::digest::Digest;
use domain::event::EventKind;
use domain::id::{CorrelationId, EventId};
use domain::window::Instant;
use sqlx::PgExecutor;

/// An event as it is stored.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id, ordered by time.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Instant,
    /// The request or run that caused it.
    pub correlation: CorrelationId,
    /// `person`, `client` or `system`.
    pub actor_kind: String,
    /// Who, in the outer form of its kind.
    pub actor_id: String,
    /// `access_request`, `grant`, `opt_out`, `policy`, `directory`, `client`, `session`.
    pub object_kind: String,
    /// What, in the outer form of its kind.
    pub object_id: String,
    /// The policy version in force, where one mattered.
    pub policy_digest: Option<Digest>,
    /// Salt of the commitment.
    pub salt: [u8; 32],
    /// Canonical JSON that the leaf commits to.
    pub body: Vec<u8>,
    /// The leaf's hash.
    pub leaf_hash: [u8; 32],
}

/// Stores events, and their leaves as one pending row for the sequencer.
pub async fn append(
    tx: &mut Tx,
    events: &[Event],
    leaves: &[Vec<u8>],
    now: Instant,
) -> Result<(), StoreError> {
    for event in events {
        sqlx::query!(
            "INSERT INTO events (id, kind, at, correlation_id, actor_kind, actor_id, object_kind, object_id,
                 policy_digest, salt, body, leaf_hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            event.id.uuid(),
            event.kind.as_str(),
            event.at,
            event.correlation.uuid(),
            event.actor_kind,
            event.actor_id,
            event.object_kind,
            event.object_id,
            event
                .policy_digest
                .as_ref()
                .map(|digest| digest.as_bytes().as_slice()),
            event.salt.as_slice(),
            event.body,
            event.leaf_hash.as_slice(),
        )
        .execute(tx.conn())
        .await?;
    }
    let hashes: Vec<u8> = events.iter().flat_map(|event| event.leaf_hash).collect();
    sqlx::query!(
        "INSERT INTO ledger_pending (at, leaves, hashes) VALUES ($1, $2, $3)",
        now,
        leaves,
        hashes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which events a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this kind, or all of an aggregate (`opt_out.`).
    pub kind: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only about this object, in its outer form.
    pub object: Option<String>,
    /// Only from this instant on.
    pub from: Option<Instant>,
    /// Only before this instant.
    pub until: Option<Instant>,
    /// Only ids before this one: keyset paging, newest first.
    pub before: Option<EventId>,
}

struct EventRow {
    id: uuid::Uuid,
    kind: String,
    at: Instant,
    correlation_id: uuid::Uuid,
    actor_kind: String,
    actor_id: String,
    object_kind: String,
    object_id: String,
    policy_digest: Option<Vec<u8>>,
    salt: Vec<u8>,
    body: Vec<u8>,
    leaf_hash: Vec<u8>,
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;
    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let id = EventId::from_uuid(row.id);
        Ok(Self {
            id,
            kind: row.kind.parse().map_err(inconsistent("events", "kind", id))?,
            at: row.at,
            correlation: CorrelationId::from_uuid(row.correlation_id),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            object_kind: row.object_kind,
            object_id: row.object_id,
            policy_digest: row
                .policy_digest
                .map(|bytes| digest("events", "policy_digest", id, &bytes))
                .transpose()?,
            salt: row
                .salt
                .as_slice()
                .try_into()
                .map_err(inconsistent("events", "salt", id))?,
            body: row.body,
            leaf_hash: row.leaf_hash.as_slice().try_into().map_err(inconsistent(
                "events",
                "leaf_hash",
                id,
            ))?,
        })
    }
}

/// A page of events, newest first. A body that is longer than a list shows is left out, as `{}`: what an early directory
/// event holds is read by its own page alone.
pub async fn list(db: impl PgExecutor<'_>, filter: &Filter, limit: i64) -> Result<Vec<Event>, StoreError> {
    sqlx::query_as!(
        EventRow,
        r#"SELECT id, kind, at, correlation_id, actor_kind, actor_id, object_kind, object_id, policy_digest, salt,
             CASE WHEN octet_length(body) <= 32768 THEN body ELSE '{}' END AS "body!", leaf_hash
         FROM events
         WHERE ($1::text IS NULL OR kind = $1 OR ($1 LIKE '%.' AND starts_with(kind, $1)))
           AND ($2::text IS NULL OR actor_id = $2)
           AND ($3::text IS NULL OR object_id = $3)
           AND ($4::timestamptz IS NULL OR at >= $4)
           AND ($5::timestamptz IS NULL OR at < $5)
           AND ($6::uuid IS NULL OR id < $6)
         ORDER BY id DESC LIMIT $7"#,
        filter.kind,
        filter.actor,
        filter.object,
        filter.from,
        filter.until,
        filter.before.map(EventId::uuid),
        limit,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// One event.
pub async fn find(db: impl PgExecutor<'_>, id: EventId) -> Result<Option<Event>, StoreError> {
    sqlx::query_as!(
        EventRow,
        "SELECT id, kind, at, correlation_id, actor_kind, actor_id, object_kind, object_id, policy_digest, salt, body,
             leaf_hash
         FROM events WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// All events about an object, oldest first.
pub async fn about(db: impl PgExecutor<'_>, object: &str) -> Result<Vec<Event>, StoreError> {
    sqlx::query_as!(
        EventRow,
        "SELECT id, kind, at, correlation_id, actor_kind, actor_id, object_kind, object_id, policy_digest, salt, body,
             leaf_hash
         FROM events WHERE object_id = $1 ORDER BY id",
        object
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}
