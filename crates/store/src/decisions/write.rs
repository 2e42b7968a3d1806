//! Writing decisions.

use crate::error::inconsistent;
use crate::generation::Generation;
use crate::{Store, StoreError};
use domain::decision::{Decision, UseEffect};
use domain::id::{ClientId, GrantId, OptOutId};
use domain::window::Instant;
use sqlx::{PgConnection, PgExecutor};
use std::collections::BTreeSet;

/// A decision with everything that is stored of it.
#[derive(Debug)]
pub struct NewDecision {
    /// What was decided.
    pub decision: Decision,
    /// What each applied opt-out did, in the order in which they applied.
    pub effects: Vec<UseEffect>,
    /// Salt of the commitment.
    pub salt: [u8; 32],
    /// JSON that the leaf commits to.
    pub record: Vec<u8>,
    /// The ledger leaf's bytes.
    pub leaf: Vec<u8>,
    /// The leaf's hash.
    pub leaf_hash: [u8; 32],
}

/// Decisions that were evaluated under one generation.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The generation.
    pub generation: Generation,
    /// When it is written.
    pub at: Instant,
    /// How many of them use each opt-out whose uses are limited; sorted by id.
    pub limited: Vec<(OptOutId, u32)>,
    /// The decisions.
    pub decisions: Vec<&'a NewDecision>,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// All of it is durable. The counts are those of the limited opt-outs, in the batch's order.
    Recorded {
        /// Uses so far.
        uses: Vec<u32>,
    },
    /// Nothing is written: another generation is current.
    Stale {
        /// The current one.
        generation: Generation,
    },
    /// Nothing is written: a limited opt-out has fewer uses left than the batch needs. In the batch's order.
    Exhausted {
        /// Uses so far.
        uses: Vec<u32>,
        /// Uses that are left.
        remaining: Vec<u32>,
    },
}

/// A connection of its own for the writer, on which a decision is on disk before its transaction has committed, and no
/// statement waits for ever.
#[derive(Debug)]
pub struct WritingConnection(PgConnection);

/// How each writing connection is set. The writer's patience is longer than `statement_timeout`, so that a batch whose
/// jobs were told 503 is not recorded afterwards. One exception is left: a commit whose disk hangs cannot be taken back.
const WRITING: [(&str, &str); 3] = [
    ("synchronous_commit", "on"),
    ("lock_timeout", "300ms"),
    ("statement_timeout", "1200ms"),
];

impl WritingConnection {
    /// Opens a connection outside of the pool.
    pub async fn open(store: &Store) -> Result<Self, StoreError> {
        Ok(Self(store.own_connection(&WRITING).await?))
    }

    /// Which of these opt-outs somebody else has locked at this moment.
    pub async fn locked(&mut self, ids: &[OptOutId]) -> Result<BTreeSet<OptOutId>, StoreError> {
        let uuids: Vec<uuid::Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let free: Vec<uuid::Uuid> = sqlx::query_scalar!(
            "SELECT id FROM opt_outs WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED",
            &uuids
        )
        .fetch_all(&mut self.0)
        .await?;
        Ok(ids
            .iter()
            .copied()
            .filter(|id| !free.contains(&id.uuid()))
            .collect())
    }

    /// Writes a batch in one round trip and one transaction, or nothing of it. An empty one is recorded.
    pub async fn record(&mut self, batch: &Batch<'_>) -> Result<Recording, StoreError> {
        record(&mut self.0, batch).await
    }
}

async fn record(conn: &mut PgConnection, batch: &Batch<'_>) -> Result<Recording, StoreError> {
    let columns = Columns::of(batch);
    let Some(first) = batch.decisions.first() else {
        return Ok(Recording::Recorded { uses: Vec::new() });
    };
    let row = sqlx::query!(
        r#"SELECT status AS "status!", generation AS "counter!", epoch AS "epoch!", limited_uses, limited_remaining
           FROM record_decisions($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
               $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)"#,
        batch.generation.counter,
        batch.generation.epoch,
        batch.at,
        first.decision.policy_digest.as_bytes().as_slice(),
        &columns.limited_ids,
        &columns.limited_wanted,
        &columns.ids,
        &columns.ats,
        &columns.clients as &[Option<uuid::Uuid>],
        &columns.principal_kinds as &[&str],
        &columns.principal_ids as &[&str],
        &columns.resource_types as &[&str],
        &columns.resource_ids as &[&str],
        &columns.capabilities as &[&str],
        &columns.tiers as &[&str],
        &columns.bases as &[&str],
        &columns.effectives as &[&str],
        &columns.answers,
        &columns.grants as &[Option<uuid::Uuid>],
        &columns.salts as &[&[u8]],
        &columns.records as &[&[u8]],
        &columns.leaf_hashes as &[&[u8]],
        &columns.use_opt_outs,
        &columns.use_decisions,
        &columns.use_revisions,
        &columns.use_ats,
        &columns.use_credited,
        &columns.use_bases as &[&str],
        &columns.use_effectives as &[&str],
        &columns.use_effects as &[&str],
        &columns.leaves as &[&[u8]],
        columns.hashes,
    )
    .fetch_one(conn)
    .await?;
    let counts = |counts: Option<Vec<i32>>| -> Result<Vec<u32>, StoreError> {
        counts
            .unwrap_or_default()
            .into_iter()
            .map(|count| u32::try_from(count.max(0)).map_err(inconsistent("opt_outs", "uses", "batch")))
            .collect()
    };
    match row.status.as_str() {
        "recorded" => Ok(Recording::Recorded {
            uses: counts(row.limited_uses)?,
        }),
        "stale" => Ok(Recording::Stale {
            generation: Generation {
                counter: row.counter,
                epoch: row.epoch,
            },
        }),
        "exhausted" => Ok(Recording::Exhausted {
            uses: counts(row.limited_uses)?,
            remaining: counts(row.limited_remaining)?,
        }),
        other => Err(inconsistent("decisions", "status", "batch")(format!(
            "unknown status {other}"
        ))),
    }
}

/// One array per column: what `unnest` makes rows of.
#[derive(Default)]
struct Columns<'a> {
    limited_ids: Vec<uuid::Uuid>,
    limited_wanted: Vec<i32>,
    ids: Vec<uuid::Uuid>,
    ats: Vec<Instant>,
    clients: Vec<Option<uuid::Uuid>>,
    principal_kinds: Vec<&'a str>,
    principal_ids: Vec<&'a str>,
    resource_types: Vec<&'a str>,
    resource_ids: Vec<&'a str>,
    capabilities: Vec<&'a str>,
    tiers: Vec<&'a str>,
    bases: Vec<&'a str>,
    effectives: Vec<&'a str>,
    answers: Vec<bool>,
    grants: Vec<Option<uuid::Uuid>>,
    salts: Vec<&'a [u8]>,
    records: Vec<&'a [u8]>,
    leaf_hashes: Vec<&'a [u8]>,
    use_opt_outs: Vec<uuid::Uuid>,
    use_decisions: Vec<uuid::Uuid>,
    use_revisions: Vec<i32>,
    use_ats: Vec<Instant>,
    use_credited: Vec<bool>,
    use_bases: Vec<&'a str>,
    use_effectives: Vec<&'a str>,
    use_effects: Vec<&'a str>,
    leaves: Vec<&'a [u8]>,
    hashes: Vec<u8>,
}

impl<'a> Columns<'a> {
    fn of(batch: &Batch<'a>) -> Self {
        let mut columns = Self::default();
        for (id, wanted) in &batch.limited {
            columns.limited_ids.push(id.uuid());
            columns
                .limited_wanted
                .push(i32::try_from(*wanted).unwrap_or(i32::MAX));
        }
        for new in &batch.decisions {
            columns.push(new);
        }
        columns
    }

    fn push(&mut self, new: &'a NewDecision) {
        let Decision {
            id,
            at,
            input,
            evaluation,
            ..
        } = &new.decision;
        self.ids.push(id.uuid());
        self.ats.push(*at);
        self.clients.push(input.client.map(ClientId::uuid));
        self.principal_kinds.push(input.principal.kind.as_str());
        self.principal_ids.push(&input.principal.id);
        self.resource_types.push(&input.resource.kind);
        self.resource_ids.push(&input.resource.id);
        self.capabilities.push(input.capability.as_str());
        self.tiers.push(evaluation.tier.as_str());
        self.bases.push(evaluation.base.as_str());
        self.effectives.push(evaluation.effective.as_str());
        self.answers.push(evaluation.answer);
        self.grants.push(evaluation.grant.map(GrantId::uuid));
        self.salts.push(&new.salt);
        self.records.push(&new.record);
        self.leaf_hashes.push(&new.leaf_hash);
        self.leaves.push(&new.leaf);
        self.hashes.extend_from_slice(&new.leaf_hash);
        for (applied, effect) in evaluation.applied.iter().zip(&new.effects) {
            self.use_opt_outs.push(applied.opt_out.uuid());
            self.use_decisions.push(id.uuid());
            self.use_revisions
                .push(i32::try_from(applied.revision).unwrap_or(i32::MAX));
            self.use_ats.push(*at);
            self.use_credited.push(applied.credited);
            self.use_bases.push(evaluation.base.as_str());
            self.use_effectives.push(evaluation.effective.as_str());
            self.use_effects.push(effect.as_str());
        }
    }
}

/// How many decisions are in no month's partition, up to a thousand: each is one too many, since it keeps the partition of its
/// month from being made.
pub async fn in_default_partition(db: impl PgExecutor<'_>) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (SELECT FROM decisions_default LIMIT 1000) AS some_of_them"#
    )
    .fetch_one(db)
    .await?)
}

/// Makes the partitions for the months from `first` to `last`; answers how many are new.
pub async fn make_partitions(
    db: impl PgExecutor<'_>,
    first: Instant,
    last: Instant,
) -> Result<i32, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT make_decision_partitions($1, $2) AS "made!""#,
        first,
        last
    )
    .fetch_one(db)
    .await?)
}
