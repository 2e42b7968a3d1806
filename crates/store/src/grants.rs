//! Grants.

use crate::directory::{principal_ref, resource_ref};
use crate::error::{digest, exactly_one, inconsistent};
use crate::{StoreError, Tx};
use chrono::{DateTime, Utc};
use domain::grant::{EarlyEnd, Ended, Grant};
use domain::id::{AccessRequestId, GrantId};
use domain::name::{Capability, PersonId, TierName};
use domain::window::{Instant, Window};
use sqlx::PgExecutor;
use uuid::Uuid;

const TABLE: &str = "grants";

struct GrantRow {
    id: Uuid,
    request_id: Uuid,
    principal_kind: String,
    principal_id: String,
    resource_type: String,
    resource_id: String,
    capability: String,
    tuple_digest: Vec<u8>,
    tier: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    approved_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    end_kind: Option<String>,
}

impl TryFrom<GrantRow> for Grant {
    type Error = StoreError;
    fn try_from(row: GrantRow) -> Result<Self, StoreError> {
        let id = GrantId::from_uuid(row.id);
        let ended = match (row.ended_at, row.end_kind.as_deref()) {
            (None, None) => None,
            (Some(at), Some("revoked")) => Some(Ended {
                at,
                how: EarlyEnd::Revoked,
            }),
            (Some(at), Some("relinquished")) => Some(Ended {
                at,
                how: EarlyEnd::Relinquished,
            }),
            (_, other) => {
                return Err(inconsistent(TABLE, "end_kind", id)(format!(
                    "unknown end {}",
                    other.unwrap_or("none")
                )));
            }
        };
        Ok(Self {
            id,
            request: AccessRequestId::from_uuid(row.request_id),
            principal: principal_ref(TABLE, &row.principal_kind, row.principal_id)?,
            resource: resource_ref(TABLE, row.resource_type, row.resource_id)?,
            capability: Capability::new(row.capability).map_err(inconsistent(TABLE, "capability", id))?,
            tuple_digest: digest(TABLE, "tuple_digest", id, &row.tuple_digest)?,
            window: Window::new(row.starts_at, row.ends_at).map_err(inconsistent(TABLE, "ends_at", id))?,
            approved_at: row.approved_at,
            tier: TierName::new(row.tier).map_err(inconsistent(TABLE, "tier", id))?,
            ended,
        })
    }
}

/// Grants that are in force at `now` or will be: what a snapshot holds.
pub async fn standing(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Grant>, StoreError> {
    sqlx::query_as!(
        GrantRow,
        "SELECT id, request_id, principal_kind, principal_id, resource_type, resource_id, capability, tuple_digest,
             tier, starts_at, ends_at, approved_at, ended_at, end_kind
         FROM grants WHERE ended_at IS NULL AND ends_at > $1",
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// One grant.
pub async fn find(db: impl PgExecutor<'_>, id: GrantId) -> Result<Option<Grant>, StoreError> {
    sqlx::query_as!(
        GrantRow,
        "SELECT id, request_id, principal_kind, principal_id, resource_type, resource_id, capability, tuple_digest,
             tier, starts_at, ends_at, approved_at, ended_at, end_kind
         FROM grants WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// The grant that a request gave.
pub async fn of_request(
    db: impl PgExecutor<'_>,
    request: AccessRequestId,
) -> Result<Option<Grant>, StoreError> {
    sqlx::query_as!(
        GrantRow,
        "SELECT id, request_id, principal_kind, principal_id, resource_type, resource_id, capability, tuple_digest,
             tier, starts_at, ends_at, approved_at, ended_at, end_kind
         FROM grants WHERE request_id = $1",
        request.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// The grants that these requests gave.
pub async fn of_requests(
    db: impl PgExecutor<'_>,
    requests: &[AccessRequestId],
) -> Result<Vec<Grant>, StoreError> {
    let ids: Vec<Uuid> = requests.iter().map(|request| request.uuid()).collect();
    sqlx::query_as!(
        GrantRow,
        "SELECT id, request_id, principal_kind, principal_id, resource_type, resource_id, capability, tuple_digest,
             tier, starts_at, ends_at, approved_at, ended_at, end_kind
         FROM grants WHERE request_id = ANY($1)",
        &ids
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Grants of this person, or of a workload that they started, that are not over at `now` and end before `until`; the
/// soonest to end first.
pub async fn ending(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    now: Instant,
    until: Instant,
) -> Result<Vec<Grant>, StoreError> {
    sqlx::query_as!(
        GrantRow,
        "SELECT g.id, g.request_id, g.principal_kind, g.principal_id, g.resource_type, g.resource_id, g.capability,
             g.tuple_digest, g.tier, g.starts_at, g.ends_at, g.approved_at, g.ended_at, g.end_kind
         FROM grants g JOIN access_requests r ON r.id = g.request_id
         WHERE g.ended_at IS NULL AND g.ends_at > $2 AND g.ends_at < $3
           AND ((g.principal_kind = 'person' AND g.principal_id = $1) OR r.body ->> 'initiator' = $1)
         ORDER BY g.ends_at, g.id LIMIT 100",
        person.as_str(),
        now,
        until
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Stores a new grant. The constraint `grants_one_per_request` refuses a second one of the same request.
pub async fn insert(tx: &mut Tx, grant: &Grant) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO grants (id, request_id, principal_kind, principal_id, resource_type, resource_id, capability,
             tuple_digest, tier, starts_at, ends_at, approved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        grant.id.uuid(),
        grant.request.uuid(),
        grant.principal.kind.as_str(),
        grant.principal.id,
        grant.resource.kind,
        grant.resource.id,
        grant.capability.as_str(),
        grant.tuple_digest.as_bytes().as_slice(),
        grant.tier.as_str(),
        grant.window.starts_at(),
        grant.window.ends_at(),
        grant.approved_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores an early end; a grant that has one already, or whose end is in the ledger, is stale.
pub async fn end(tx: &mut Tx, id: GrantId, ended: Ended) -> Result<(), StoreError> {
    let kind = match ended.how {
        EarlyEnd::Revoked => "revoked",
        EarlyEnd::Relinquished => "relinquished",
    };
    let rows = sqlx::query!(
        "UPDATE grants SET version = version + 1, ended_at = $2, end_kind = $3
         WHERE id = $1 AND ended_at IS NULL AND NOT end_reported",
        id.uuid(),
        ended.at,
        kind,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, id, rows)
}

/// Grants whose time is over and whose end no worker has written yet.
pub async fn unreported_ends(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<GrantId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM grants WHERE ended_at IS NULL AND NOT end_reported AND ends_at <= $1 ORDER BY ends_at LIMIT 100",
        now
    );
    Ok(ids
        .fetch_all(db)
        .await?
        .into_iter()
        .map(GrantId::from_uuid)
        .collect())
}

/// One of them, locked; none where another worker is at it, or was.
pub async fn unreported_end(tx: &mut Tx, id: GrantId) -> Result<Option<Grant>, StoreError> {
    sqlx::query_as!(
        GrantRow,
        "SELECT id, request_id, principal_kind, principal_id, resource_type, resource_id, capability, tuple_digest,
             tier, starts_at, ends_at, approved_at, ended_at, end_kind
         FROM grants WHERE id = $1 AND ended_at IS NULL AND NOT end_reported FOR UPDATE SKIP LOCKED",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// Notes that a grant's end is in the ledger.
pub async fn mark_end_reported(tx: &mut Tx, id: GrantId) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE grants SET end_reported = true WHERE id = $1 AND NOT end_reported",
        id.uuid()
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, id, rows)
}
