//! Opt-outs of the same kind that were decided: the same way, out of a rule that this one names too, or, where none is
//! named, of the same case; and charged to a team that this one is charged to.

use super::{OptOutRow, Stored};
use crate::StoreError;
use domain::opt_out::OptOut;
use domain::window::Instant;
use sqlx::PgExecutor;

/// How many were decided, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettledCounts {
    /// Approved or rejected.
    pub settled: i64,
    /// Approved.
    pub approved: i64,
}

fn rules(like: &OptOut) -> Vec<String> {
    like.scope.rules.iter().map(ToString::to_string).collect()
}

fn teams(like: &OptOut) -> Vec<String> {
    like.teams.iter().map(ToString::to_string).collect()
}

/// The newest that were decided, whatever became of them since.
pub async fn similar(db: impl PgExecutor<'_>, like: &OptOut, limit: i64) -> Result<Vec<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.id <> $1 AND o.direction = $2 AND o.opened_by_client IS NULL
           AND o.state IN ('approved', 'active', 'suspended', 'expired', 'revoked', 'exhausted', 'closed_early', 'rejected')
           AND (o.teams && $3 OR cardinality($3::text[]) = 0)
           AND (r.body -> 'scope' -> 'rules' ?| $4::text[] OR (cardinality($4::text[]) = 0 AND o.scenario = $5))
           AND NOT r.body ? 'break_glass'
         ORDER BY o.id DESC LIMIT $6",
        like.id.uuid(),
        like.direction.as_str(),
        &teams(like),
        &rules(like),
        like.scenario.as_str(),
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// How those went that were asked for at `since` or later.
pub async fn settled_like(
    db: impl PgExecutor<'_>,
    like: &OptOut,
    since: Instant,
) -> Result<SettledCounts, StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "settled!", count(*) FILTER (WHERE o.state <> 'rejected') AS "approved!"
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.id <> $1 AND o.direction = $2 AND o.opened_by_client IS NULL
           AND o.state IN ('approved', 'active', 'suspended', 'expired', 'revoked', 'exhausted', 'closed_early', 'rejected')
           AND (o.teams && $3 OR cardinality($3::text[]) = 0)
           AND (r.body -> 'scope' -> 'rules' ?| $4::text[] OR (cardinality($4::text[]) = 0 AND o.scenario = $5))
           AND NOT r.body ? 'break_glass'
           AND o.requested_at >= $6"#,
        like.id.uuid(),
        like.direction.as_str(),
        &teams(like),
        &rules(like),
        like.scenario.as_str(),
        since
    )
    .fetch_one(db)
    .await?;
    Ok(SettledCounts {
        settled: row.settled,
        approved: row.approved,
    })
}
