//! Opt-outs by what they hang on: a premise, an incident, a fresh approval.

use super::Stored;
use super::read::OptOutRow;
use crate::{StoreError, Tx};
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

/// Those in force by their rows that stand on a premise; locked in the order of their ids, as decisions lock them.
pub async fn with_premise(tx: &mut Tx, now: Instant) -> Result<Vec<Stored>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM opt_outs WHERE premise IS NOT NULL AND state IN ('approved', 'active') AND starts_at <= $1
           AND ends_at > $1 ORDER BY id FOR UPDATE",
        now
    )
    .fetch_all(tx.conn())
    .await?;
    of_ids(tx, &ids).await
}

/// Those that stand on an incident and are approved and not over; locked in the order of their ids.
pub async fn on_incident(tx: &mut Tx, incident: &str, now: Instant) -> Result<Vec<Stored>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM opt_outs WHERE incident = $1 AND state IN ('approved', 'active', 'suspended')
           AND ends_at > $2 ORDER BY id FOR UPDATE",
        incident,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    of_ids(tx, &ids).await
}

/// Whether anything that is not over stands on an incident, those that wait for a decision included.
pub async fn depend_on_incident(db: impl PgExecutor<'_>, incident: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM opt_outs WHERE incident = $1
             AND state IN ('requested', 'in_review', 'approved', 'active', 'suspended')) AS "depend!""#,
        incident
    )
    .fetch_one(db)
    .await?)
}

async fn of_ids(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.id = ANY($1) ORDER BY o.id",
        ids
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}
