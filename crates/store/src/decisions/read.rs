//! Reading decisions.

use crate::StoreError;
use crate::directory::{principal_ref, resource_ref};
use crate::error::{digest, inconsistent};
use domain::digest::Digest;
use domain::grant::Grant;
use domain::id::{ClientId, DecisionId, GrantId};
use domain::name::{Capability, TierName};
use domain::outcome::Outcome;
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;
use uuid::Uuid;

const TABLE: &str = "decisions";

/// A decision as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its id.
    pub id: DecisionId,
    /// When.
    pub at: Instant,
    /// The generation that it was made under.
    pub generation: i64,
    /// The policy version in force.
    pub policy_digest: Digest,
    /// Who asked.
    pub client: Option<ClientId>,
    /// For whom.
    pub principal: PrincipalRef,
    /// On what.
    pub resource: ResourceRef,
    /// To do what.
    pub capability: Capability,
    /// The tier that applied.
    pub tier: TierName,
    /// The outcome without opt-outs.
    pub base: Outcome,
    /// The outcome with them.
    pub effective: Outcome,
    /// The answer given.
    pub answer: bool,
    /// The grant that it hangs on.
    pub grant: Option<GrantId>,
}

/// A decision whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// What stands in columns.
    pub listed: Listed,
    /// Salt of the commitment.
    pub salt: [u8; 32],
    /// JSON that the leaf commits to.
    pub record: Vec<u8>,
    /// The leaf's hash.
    pub leaf_hash: [u8; 32],
}

struct Row {
    id: Uuid,
    at: Instant,
    generation: i64,
    policy_digest: Vec<u8>,
    client_id: Option<Uuid>,
    principal_kind: String,
    principal_id: String,
    resource_type: String,
    resource_id: String,
    capability: String,
    tier: String,
    base: String,
    effective: String,
    answer: bool,
    grant_id: Option<Uuid>,
}

impl TryFrom<Row> for Listed {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let id = DecisionId::from_uuid(row.id);
        Ok(Self {
            id,
            at: row.at,
            generation: row.generation,
            policy_digest: digest(TABLE, "policy_digest", id, &row.policy_digest)?,
            client: row.client_id.map(ClientId::from_uuid),
            principal: principal_ref(TABLE, &row.principal_kind, row.principal_id)?,
            resource: resource_ref(TABLE, row.resource_type, row.resource_id)?,
            capability: Capability::new(row.capability).map_err(inconsistent(TABLE, "capability", id))?,
            tier: TierName::new(row.tier).map_err(inconsistent(TABLE, "tier", id))?,
            base: row.base.parse().map_err(inconsistent(TABLE, "base", id))?,
            effective: row
                .effective
                .parse()
                .map_err(inconsistent(TABLE, "effective", id))?,
            answer: row.answer,
            grant: row.grant_id.map(GrantId::from_uuid),
        })
    }
}

/// One decision.
pub async fn find(db: impl PgExecutor<'_>, id: DecisionId) -> Result<Option<Stored>, StoreError> {
    let Some(row) = sqlx::query!(
        "SELECT id, at, generation, policy_digest, client_id, principal_kind, principal_id, resource_type, resource_id,
             capability, tier, base, effective, answer, grant_id, salt, record, leaf_hash
         FROM decisions WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    else {
        return Ok(None);
    };
    let salt = row
        .salt
        .as_slice()
        .try_into()
        .map_err(inconsistent(TABLE, "salt", id))?;
    let leaf_hash = row
        .leaf_hash
        .as_slice()
        .try_into()
        .map_err(inconsistent(TABLE, "leaf_hash", id))?;
    let listed = Row {
        id: row.id,
        at: row.at,
        generation: row.generation,
        policy_digest: row.policy_digest,
        client_id: row.client_id,
        principal_kind: row.principal_kind,
        principal_id: row.principal_id,
        resource_type: row.resource_type,
        resource_id: row.resource_id,
        capability: row.capability,
        tier: row.tier,
        base: row.base,
        effective: row.effective,
        answer: row.answer,
        grant_id: row.grant_id,
    };
    Ok(Some(Stored {
        listed: listed.try_into()?,
        salt,
        record: row.record,
        leaf_hash,
    }))
}

/// Which decisions a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only for this principal.
    pub principal: Option<PrincipalRef>,
    /// Only on this resource.
    pub resource: Option<ResourceRef>,
    /// Only with this effective outcome.
    pub effective: Option<Outcome>,
    /// Only where an opt-out changed the outcome.
    pub changed: bool,
    /// Only from this instant on.
    pub from: Option<Instant>,
    /// Only before this instant.
    pub until: Option<Instant>,
    /// Only ids before this one: keyset paging, newest first.
    pub before: Option<DecisionId>,
}

/// A page of decisions, newest first.
pub async fn list(db: impl PgExecutor<'_>, filter: &Filter, limit: i64) -> Result<Vec<Listed>, StoreError> {
    // Ids begin with the instant, so an interval is a range of the primary key and leaves out whole partitions.
    sqlx::query_as!(
        Row,
        "SELECT id, at, generation, policy_digest, client_id, principal_kind, principal_id, resource_type, resource_id,
             capability, tier, base, effective, answer, grant_id
         FROM decisions
         WHERE ($1::text IS NULL OR (principal_kind = $1 AND principal_id = $2))
           AND ($3::text IS NULL OR (resource_type = $3 AND resource_id = $4))
           AND ($5::text IS NULL OR effective = $5)
           AND (NOT $6 OR base <> effective)
           AND ($7::timestamptz IS NULL OR id >= uuid_at($7))
           AND ($8::timestamptz IS NULL OR (id < uuid_at($8 + interval '1 ms') AND at < $8))
           AND ($9::uuid IS NULL OR id < $9)
         ORDER BY id DESC LIMIT $10",
        filter.principal.as_ref().map(|principal| principal.kind.as_str()),
        filter.principal.as_ref().map(|principal| principal.id.as_str()),
        filter.resource.as_ref().map(|resource| resource.kind.as_str()),
        filter.resource.as_ref().map(|resource| resource.id.as_str()),
        filter.effective.map(Outcome::as_str),
        filter.changed,
        filter.from,
        filter.until,
        filter.before.map(DecisionId::uuid),
        limit,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// The records of the newest decisions since an instant; of those before `before`, where it is given.
pub async fn recent_records(
    db: impl PgExecutor<'_>,
    since: Instant,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<(DecisionId, Vec<u8>)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, record FROM decisions
         WHERE id >= uuid_at($1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        since,
        before.map(DecisionId::uuid),
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (DecisionId::from_uuid(row.id), row.record))
        .collect())
}

/// The same, of decisions on any of these resources.
pub async fn recent_about_resources(
    db: impl PgExecutor<'_>,
    resources: impl IntoIterator<Item = &ResourceRef>,
    since: Instant,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<(DecisionId, Vec<u8>)>, StoreError> {
    let (kinds, ids): (Vec<String>, Vec<String>) = resources
        .into_iter()
        .map(|resource| (resource.kind.clone(), resource.id.clone()))
        .unzip();
    let rows = sqlx::query!(
        r#"SELECT d.id AS "id!", d.record AS "record!"
           FROM unnest($1::text[], $2::text[]) AS r(type, id)
           CROSS JOIN LATERAL (
               SELECT d.id, d.record FROM decisions d
               WHERE d.resource_type = r.type AND d.resource_id = r.id AND d.id >= uuid_at($3)
                 AND ($4::uuid IS NULL OR d.id < $4)
               ORDER BY d.id DESC LIMIT $5) d
           ORDER BY d.id DESC LIMIT $5"#,
        &kinds,
        &ids,
        since,
        before.map(DecisionId::uuid),
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (DecisionId::from_uuid(row.id), row.record))
        .collect())
}

/// The same, of decisions for any of these principals.
pub async fn recent_about_principals(
    db: impl PgExecutor<'_>,
    principals: impl IntoIterator<Item = &PrincipalRef>,
    since: Instant,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<(DecisionId, Vec<u8>)>, StoreError> {
    let (kinds, ids): (Vec<String>, Vec<String>) = principals
        .into_iter()
        .map(|principal| (principal.kind.as_str().to_owned(), principal.id.clone()))
        .unzip();
    let rows = sqlx::query!(
        r#"SELECT d.id AS "id!", d.record AS "record!"
           FROM unnest($1::text[], $2::text[]) AS p(kind, id)
           CROSS JOIN LATERAL (
               SELECT d.id, d.record FROM decisions d
               WHERE d.principal_kind = p.kind AND d.principal_id = p.id AND d.id >= uuid_at($3)
                 AND ($4::uuid IS NULL OR d.id < $4)
               ORDER BY d.id DESC LIMIT $5) d
           ORDER BY d.id DESC LIMIT $5"#,
        &kinds,
        &ids,
        since,
        before.map(DecisionId::uuid),
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (DecisionId::from_uuid(row.id), row.record))
        .collect())
}

/// The records of what was left to a person for any of these principals since an instant, newest first.
pub async fn refused_to(
    db: impl PgExecutor<'_>,
    principals: impl IntoIterator<Item = &PrincipalRef>,
    since: Instant,
    limit: i64,
) -> Result<Vec<(DecisionId, Vec<u8>)>, StoreError> {
    let (kinds, ids): (Vec<String>, Vec<String>) = principals
        .into_iter()
        .map(|principal| (principal.kind.as_str().to_owned(), principal.id.clone()))
        .unzip();
    let rows = sqlx::query!(
        r#"SELECT d.id AS "id!", d.record AS "record!"
           FROM unnest($1::text[], $2::text[]) AS p(kind, id)
           CROSS JOIN LATERAL (
               SELECT d.id, d.record FROM decisions d
               WHERE d.principal_kind = p.kind AND d.principal_id = p.id AND d.id >= uuid_at($3)
                 AND d.effective = 'review' AND NOT d.answer
               ORDER BY d.id DESC LIMIT $4) d
           ORDER BY d.id DESC LIMIT $4"#,
        &kinds,
        &ids,
        since,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (DecisionId::from_uuid(row.id), row.record))
        .collect())
}

/// The newest decisions that a grant answered.
pub async fn answered_by(
    db: impl PgExecutor<'_>,
    grant: &Grant,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, at, generation, policy_digest, client_id, principal_kind, principal_id, resource_type, resource_id,
             capability, tier, base, effective, answer, grant_id
         FROM decisions
         WHERE grant_id = $1 AND principal_kind = $2 AND principal_id = $3 AND id >= uuid_at($4::timestamptz - interval '1 ms')
         ORDER BY id DESC LIMIT $5",
        grant.id.uuid(),
        grant.principal.kind.as_str(),
        grant.principal.id,
        grant.window.starts_at(),
        limit,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// The bodies of entity versions that are stored, by digest.
pub async fn entity_versions(
    db: impl PgExecutor<'_>,
    digests: &[Digest],
) -> Result<BTreeMap<Digest, serde_json::Value>, StoreError> {
    let wanted: Vec<Vec<u8>> = digests.iter().map(|digest| digest.as_bytes().to_vec()).collect();
    sqlx::query!(
        "SELECT digest, body FROM entity_versions WHERE digest = ANY($1)",
        &wanted
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        Ok((
            digest("entity_versions", "digest", "replay", &row.digest)?,
            crate::any_json::original(row.body),
        ))
    })
    .collect()
}
