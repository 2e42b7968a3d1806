//! Requests that wait for a decision.

use super::read::AccessRequestRow;
use crate::{StoreError, Tx};
use domain::access_request::AccessRequest;
use domain::id::{AccessRequestId, ClientId};
use domain::name::PersonId;
use domain::principal::PrincipalRef;
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

/// The requests that wait for a decision at `now` and whose plan names any of these groups or persons: the strictest tier
/// first, then the soonest to expire.
pub async fn waiting_for(
    db: impl PgExecutor<'_>,
    names: &[String],
    now: Instant,
) -> Result<Vec<AccessRequestId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM access_requests
         WHERE state IN ('submitted', 'in_review') AND expires_at > $1 AND names_in_plan(plan) ?| $2
         ORDER BY tier_rank DESC, expires_at, id",
        now,
        names
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(AccessRequestId::from_uuid).collect())
}

/// These requests, in this order; each that cannot be read by itself.
pub async fn each(
    db: impl PgExecutor<'_>,
    ids: &[AccessRequestId],
) -> Result<Vec<Result<AccessRequest, StoreError>>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        AccessRequestRow,
        "SELECT id, version, state, stage, client_id, decision_id, principal_kind, principal_id, resource_type,
             resource_id, capability, tuple_digest, body, tier, tier_rank, policy_digest, plan, excluded, grant_secs,
             wanted_from, wanted_until, requested_at, expires_at, decided_at, break_glass
         FROM access_requests WHERE id = ANY($1) ORDER BY array_position($1, id)",
        &ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(TryInto::try_into).collect())
}

/// How many requests wait for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Of one client.
    pub of_client: i64,
    /// For one principal, or started by one person.
    pub of_requester: i64,
}

/// How many wait at `now` of this client, and for this principal or this initiator.
pub async fn count_open(
    tx: &mut Tx,
    client: ClientId,
    principal: &PrincipalRef,
    initiator: Option<&PersonId>,
    now: Instant,
) -> Result<Open, StoreError> {
    Ok(sqlx::query_as!(
        Open,
        r#"SELECT count(*) FILTER (WHERE client_id = $1) AS "of_client!",
               count(*) FILTER (WHERE (principal_kind = $2 AND principal_id = $3) OR body ->> 'initiator' = $4)
                   AS "of_requester!"
           FROM access_requests WHERE state IN ('submitted', 'in_review') AND expires_at > $5"#,
        client.uuid(),
        principal.kind.as_str(),
        principal.id,
        initiator.map(PersonId::as_str),
        now
    )
    .fetch_one(tx.conn())
    .await?)
}
