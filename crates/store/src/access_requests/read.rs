//! Reading access requests.

use crate::directory::{principal_ref, resource_ref};
use crate::error::{digest, from_json, inconsistent};
use crate::{StoreError, Tx};
use chrono::{DateTime, Utc};
use domain::access_request::{AccessRequest, AccessRequestState};
use domain::digest::Digest;
use domain::id::{AccessRequestId, ClientId, DecisionId};
use domain::name::{Capability, TierName};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

pub(super) struct AccessRequestRow {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) state: String,
    pub(super) stage: Option<i32>,
    pub(super) client_id: Uuid,
    pub(super) decision_id: Uuid,
    pub(super) principal_kind: String,
    pub(super) principal_id: String,
    pub(super) resource_type: String,
    pub(super) resource_id: String,
    pub(super) capability: String,
    pub(super) tuple_digest: Vec<u8>,
    pub(super) body: serde_json::Value,
    pub(super) tier: String,
    pub(super) tier_rank: i32,
    pub(super) policy_digest: Vec<u8>,
    pub(super) plan: serde_json::Value,
    pub(super) excluded: serde_json::Value,
    pub(super) grant_secs: i64,
    pub(super) wanted_from: Option<DateTime<Utc>>,
    pub(super) wanted_until: Option<DateTime<Utc>>,
    pub(super) requested_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) decided_at: Option<DateTime<Utc>>,
    pub(super) break_glass: Option<serde_json::Value>,
}

const TABLE: &str = "access_requests";

/// Reads the two columns of a state.
fn state(word: &str, stage: Option<i32>, id: AccessRequestId) -> Result<AccessRequestState, StoreError> {
    Ok(match (word, stage) {
        ("submitted", None) => AccessRequestState::Submitted,
        ("in_review", Some(stage)) => AccessRequestState::InReview {
            stage: u32::try_from(stage).map_err(inconsistent(TABLE, "stage", id))?,
        },
        ("approved", None) => AccessRequestState::Approved,
        ("denied", None) => AccessRequestState::Denied,
        ("withdrawn", None) => AccessRequestState::Withdrawn,
        ("expired", None) => AccessRequestState::Expired,
        ("voided", None) => AccessRequestState::Voided,
        (other, _) => return Err(inconsistent(TABLE, "state", id)(format!("unknown state {other}"))),
    })
}

impl TryFrom<AccessRequestRow> for AccessRequest {
    type Error = StoreError;
    fn try_from(row: AccessRequestRow) -> Result<Self, StoreError> {
        let id = AccessRequestId::from_uuid(row.id);
        Ok(Self {
            id,
            version: row.version,
            state: state(&row.state, row.stage, id)?,
            client: ClientId::from_uuid(row.client_id),
            decision: DecisionId::from_uuid(row.decision_id),
            principal: principal_ref(TABLE, &row.principal_kind, row.principal_id)?,
            resource: resource_ref(TABLE, row.resource_type, row.resource_id)?,
            capability: Capability::new(row.capability).map_err(inconsistent(TABLE, "capability", id))?,
            tuple_digest: digest(TABLE, "tuple_digest", id, &row.tuple_digest)?,
            wish: from_json(TABLE, "body", id, row.body)?,
            tier: TierName::new(row.tier).map_err(inconsistent(TABLE, "tier", id))?,
            tier_rank: u32::try_from(row.tier_rank).map_err(inconsistent(TABLE, "tier_rank", id))?,
            policy_digest: digest(TABLE, "policy_digest", id, &row.policy_digest)?,
            plan: from_json(TABLE, "plan", id, row.plan)?,
            excluded: from_json(TABLE, "excluded", id, row.excluded)?,
            grant_secs: row.grant_secs,
            wanted_from: row.wanted_from,
            wanted_until: row.wanted_until,
            requested_at: row.requested_at,
            expires_at: row.expires_at,
            decided_at: row.decided_at,
            break_glass: row
                .break_glass
                .map(|body| from_json(TABLE, "break_glass", id, body))
                .transpose()?,
        })
    }
}

/// One request.
pub async fn find(db: impl PgExecutor<'_>, id: AccessRequestId) -> Result<Option<AccessRequest>, StoreError> {
    sqlx::query_as!(
        AccessRequestRow,
        "SELECT id, version, state, stage, client_id, decision_id, principal_kind, principal_id, resource_type,
             resource_id, capability, tuple_digest, body, tier, tier_rank, policy_digest, plan, excluded, grant_secs,
             wanted_from, wanted_until, requested_at, expires_at, decided_at, break_glass
         FROM access_requests WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// One request, locked until the transaction ends.
pub async fn for_update(tx: &mut Tx, id: AccessRequestId) -> Result<Option<AccessRequest>, StoreError> {
    sqlx::query_as!(
        AccessRequestRow,
        "SELECT id, version, state, stage, client_id, decision_id, principal_kind, principal_id, resource_type,
             resource_id, capability, tuple_digest, body, tier, tier_rank, policy_digest, plan, excluded, grant_secs,
             wanted_from, wanted_until, requested_at, expires_at, decided_at, break_glass
         FROM access_requests WHERE id = $1 FOR UPDATE",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// The request that a client filed on a decision, if any.
pub async fn by_decision(
    db: impl PgExecutor<'_>,
    decision: DecisionId,
) -> Result<Option<AccessRequestId>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM access_requests WHERE decision_id = $1 AND break_glass IS NULL LIMIT 1",
        decision.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(AccessRequestId::from_uuid))
}

/// What an idempotency key stands for: the digest of the body it came with, and the request it made.
pub async fn idempotent(
    db: impl PgExecutor<'_>,
    client: ClientId,
    key: &str,
) -> Result<Option<(Digest, AccessRequestId)>, StoreError> {
    sqlx::query!(
        "SELECT body_digest, request_id FROM idempotency_keys WHERE client_id = $1 AND key = $2",
        client.uuid(),
        key
    )
    .fetch_optional(db)
    .await?
    .map(|row| {
        let body = digest("idempotency_keys", "body_digest", client, &row.body_digest)?;
        Ok((body, AccessRequestId::from_uuid(row.request_id)))
    })
    .transpose()
}

/// Which requests a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this stored state (`in_review`, `approved`, …).
    pub state: Option<String>,
    /// Only of this principal, by id.
    pub principal: Option<String>,
    /// Only on this resource, by id.
    pub resource: Option<String>,
    /// Only ids before this one: keyset paging, newest first.
    pub before: Option<AccessRequestId>,
    /// Only those that this person started or that name it as subject.
    pub person: Option<domain::name::PersonId>,
}

/// A page of requests, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<AccessRequest>, StoreError> {
    sqlx::query_as!(
        AccessRequestRow,
        "SELECT id, version, state, stage, client_id, decision_id, principal_kind, principal_id, resource_type,
             resource_id, capability, tuple_digest, body, tier, tier_rank, policy_digest, plan, excluded, grant_secs,
             wanted_from, wanted_until, requested_at, expires_at, decided_at, break_glass
         FROM access_requests
         WHERE ($1::text IS NULL OR state = $1)
           AND ($2::text IS NULL OR principal_id = $2)
           AND ($3::text IS NULL OR resource_id = $3)
           AND ($4::uuid IS NULL OR id < $4)
           AND ($5::text IS NULL OR body ->> 'initiator' = $5 OR (principal_kind = 'person' AND principal_id = $5))
         ORDER BY id DESC LIMIT $6",
        filter.state,
        filter.principal,
        filter.resource,
        filter.before.map(AccessRequestId::uuid),
        filter.person.as_ref().map(|person| person.as_str()),
        limit,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Who asks for what.
#[derive(Debug, Clone)]
pub struct Tuple {
    /// Who.
    pub principal: PrincipalRef,
    /// On what.
    pub resource: ResourceRef,
    /// To do what.
    pub capability: Capability,
}

/// What each pending request is about.
pub async fn pending_tuples(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Tuple>, StoreError> {
    sqlx::query!(
        "SELECT id, principal_kind, principal_id, resource_type, resource_id, capability FROM access_requests
         WHERE state IN ('submitted', 'in_review') AND expires_at > $1",
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        Ok(Tuple {
            principal: principal_ref("access_requests", &row.principal_kind, row.principal_id)?,
            resource: resource_ref("access_requests", row.resource_type, row.resource_id)?,
            capability: Capability::new(row.capability).map_err(inconsistent(
                "access_requests",
                "capability",
                row.id,
            ))?,
        })
    })
    .collect()
}

/// Requests for which the glass was broken, that are in force at `now` or that somebody still has to look at.
pub async fn glass_broken(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<AccessRequest>, StoreError> {
    sqlx::query_as!(
        AccessRequestRow,
        "SELECT id, version, state, stage, client_id, decision_id, principal_kind, principal_id, resource_type,
             resource_id, capability, tuple_digest, body, tier, tier_rank, policy_digest, plan, excluded, grant_secs,
             wanted_from, wanted_until, requested_at, expires_at, decided_at, break_glass
         FROM access_requests
         WHERE id IN (SELECT access_request_id FROM break_glass_spells WHERE access_request_id IS NOT NULL AND ends_at > $1
             UNION SELECT access_request_id FROM post_reviews WHERE access_request_id IS NOT NULL AND state = 'owed')
         ORDER BY id DESC LIMIT 100",
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Requests for the same capability on the same resource that approvers settled, newest first.
pub async fn similar(
    db: impl PgExecutor<'_>,
    like: &AccessRequest,
    limit: i64,
) -> Result<Vec<AccessRequest>, StoreError> {
    sqlx::query_as!(
        AccessRequestRow,
        "SELECT id, version, state, stage, client_id, decision_id, principal_kind, principal_id, resource_type,
             resource_id, capability, tuple_digest, body, tier, tier_rank, policy_digest, plan, excluded, grant_secs,
             wanted_from, wanted_until, requested_at, expires_at, decided_at, break_glass
         FROM access_requests
         WHERE resource_type = $1 AND resource_id = $2 AND capability = $3 AND id <> $4
           AND state IN ('approved', 'denied') AND break_glass IS NULL
         ORDER BY id DESC LIMIT $5",
        like.resource.kind,
        like.resource.id,
        like.capability.as_str(),
        like.id.uuid(),
        limit,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// How requests for the same went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Precedents {
    /// How many were approved or denied.
    pub settled: i64,
    /// How many of them were approved.
    pub approved: i64,
    /// The median time from filing to settling, in seconds; none where there was none.
    pub median_secs: Option<i64>,
}

/// How requests for the same capability on the same resource went that were filed at `since` or later, this one apart.
pub async fn precedents(
    db: impl PgExecutor<'_>,
    like: &AccessRequest,
    since: Instant,
) -> Result<Precedents, StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "settled!", count(*) FILTER (WHERE state = 'approved') AS "approved!",
             percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - requested_at)::float8) AS median
         FROM access_requests
         WHERE resource_type = $1 AND resource_id = $2 AND capability = $3 AND id <> $4
           AND state IN ('approved', 'denied') AND break_glass IS NULL AND decided_at IS NOT NULL AND requested_at >= $5"#,
        like.resource.kind,
        like.resource.id,
        like.capability.as_str(),
        like.id.uuid(),
        since,
    )
    .fetch_one(db)
    .await?;
    Ok(Precedents {
        settled: row.settled,
        approved: row.approved,
        // A number of seconds far within an i64.
        median_secs: row.median.map(|secs| secs as i64),
    })
}
