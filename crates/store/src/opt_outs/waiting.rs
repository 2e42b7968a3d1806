//! Opt-outs that wait for a decision.

use super::read::{OptOutRow, Stored};
use crate::{StoreError, Tx};
use domain::id::OptOutId;
use domain::name::PersonId;
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

/// The opt-outs that wait for a decision at `now`, suspended ones that somebody wants back included, and whose plan names
/// any of these groups or persons: the strictest tier first, then the soonest to lapse.
pub async fn waiting_for(
    db: impl PgExecutor<'_>,
    names: &[String],
    now: Instant,
) -> Result<Vec<OptOutId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM opt_outs
         WHERE state IN ('requested', 'in_review', 'suspended') AND lapses_at > $1 AND names_in_plan(plan) ?| $2
           AND (state <> 'suspended' OR (round > 0 AND ends_at > $1))
         ORDER BY tier_rank DESC, lapses_at, id",
        now,
        names
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(OptOutId::from_uuid).collect())
}

/// These opt-outs, in this order; each that cannot be read by itself.
pub async fn each(
    db: impl PgExecutor<'_>,
    ids: &[OptOutId],
) -> Result<Vec<Result<Stored, StoreError>>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.id = ANY($1) ORDER BY array_position($1, o.id)",
        &ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(TryInto::try_into).collect())
}

/// How many opt-outs of a person wait for a decision at `now`.
pub async fn count_open(tx: &mut Tx, requester: &PersonId, now: Instant) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM opt_outs
           WHERE requester_id = $1 AND state IN ('requested', 'in_review') AND lapses_at > $2"#,
        requester.as_str(),
        now
    )
    .fetch_one(tx.conn())
    .await?)
}
