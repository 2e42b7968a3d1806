//! Writing access requests.

use crate::error::{exactly_one, to_json};
use crate::{StoreError, Tx};
use domain::access_request::{AccessRequest, AccessRequestState};
use domain::digest::Digest;
use domain::id::{AccessRequestId, ClientId};
use domain::window::Instant;
use sqlx::PgExecutor;

const TABLE: &str = "access_requests";

fn stage(state: AccessRequestState) -> Option<i32> {
    match state {
        AccessRequestState::InReview { stage } => i32::try_from(stage).ok(),
        AccessRequestState::Submitted
        | AccessRequestState::Approved
        | AccessRequestState::Denied
        | AccessRequestState::Withdrawn
        | AccessRequestState::Expired
        | AccessRequestState::Voided => None,
    }
}

/// Stores a new request.
pub async fn insert(tx: &mut Tx, request: &AccessRequest) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO access_requests (id, version, state, stage, client_id, decision_id, principal_kind, principal_id,
             resource_type, resource_id, capability, tuple_digest, body, tier, tier_rank, policy_digest, plan, excluded,
             grant_secs, requested_at, expires_at)
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        request.id.uuid(),
        request.state.as_str(),
        stage(request.state),
        request.client.uuid(),
        request.decision.uuid(),
        request.principal.kind.as_str(),
        request.principal.id,
        request.resource.kind,
        request.resource.id,
        request.capability.as_str(),
        request.tuple_digest.as_bytes().as_slice(),
        to_json(TABLE, "body", &request.wish)?,
        request.tier.as_str(),
        i32::try_from(request.tier_rank).unwrap_or(i32::MAX),
        request.policy_digest.as_bytes().as_slice(),
        to_json(TABLE, "plan", &request.plan)?,
        to_json(TABLE, "excluded", &request.excluded)?,
        request.grant_secs,
        request.requested_at,
        request.expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores what may change of a request: state, plan, exclusions, and the length that approvers narrow. The version that was
/// read must still be there.
pub async fn update(tx: &mut Tx, request: &AccessRequest) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE access_requests
         SET version = version + 1, state = $3, stage = $4, plan = $5, excluded = $6, tier = $7, tier_rank = $8,
             decided_at = $9, grant_secs = $10
         WHERE id = $1 AND version = $2",
        request.id.uuid(),
        request.version,
        request.state.as_str(),
        stage(request.state),
        to_json(TABLE, "plan", &request.plan)?,
        to_json(TABLE, "excluded", &request.excluded)?,
        request.tier.as_str(),
        i32::try_from(request.tier_rank).unwrap_or(i32::MAX),
        request.decided_at,
        request.grant_secs,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, request.id, rows)
}

/// Remembers what an idempotency key stands for. The constraint `idempotency_keys_pk` refuses a second one.
pub async fn remember_key(
    tx: &mut Tx,
    client: ClientId,
    key: &str,
    body: &Digest,
    request: AccessRequestId,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO idempotency_keys (client_id, key, body_digest, request_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        client.uuid(),
        key,
        body.as_bytes().as_slice(),
        request.uuid(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Requests whose time is over and whose expiry no worker has written yet; locked, and skipped by other workers.
pub async fn unreported_expiries(
    db: impl PgExecutor<'_>,
    now: Instant,
) -> Result<Vec<AccessRequestId>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM access_requests WHERE state IN ('submitted', 'in_review') AND expires_at <= $1
         ORDER BY expires_at LIMIT 100",
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(AccessRequestId::from_uuid)
    .collect())
}
