//! Uses: decisions that an opt-out applied to, with what they would have been without it.

use crate::StoreError;
use crate::error::inconsistent;
use domain::enforcement::Done;
use domain::id::{DecisionId, OptOutId};
use domain::opt_out::{LOOKED_AT, Seen};
use domain::outcome::Outcome;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

/// One use.
#[derive(Debug, Clone)]
pub struct Use {
    /// The decision.
    pub decision: DecisionId,
    /// When.
    pub at: Instant,
    /// Who.
    pub principal: String,
    /// To do what.
    pub capability: String,
    /// On what.
    pub resource: String,
    /// The outcome without opt-outs.
    pub base: Outcome,
    /// The outcome with them.
    pub effective: Outcome,
    /// What was done at the gate, where that was reported.
    pub done: Option<Done>,
}

fn outcome(text: &str, id: OptOutId) -> Result<Outcome, StoreError> {
    text.parse()
        .map_err(inconsistent("opt_out_uses", "effective", id))
}

/// The newest uses.
pub async fn recent_uses(db: impl PgExecutor<'_>, id: OptOutId, limit: i64) -> Result<Vec<Use>, StoreError> {
    sqlx::query!(
        r#"SELECT u.decision_id, u.at, u.base, u.effective, d.principal_id, d.capability, d.resource_id,
             e.done AS "done?"
         FROM opt_out_uses u JOIN decisions d ON d.id = u.decision_id
         LEFT JOIN enforcements e ON e.decision_id = u.decision_id
         WHERE u.opt_out_id = $1 ORDER BY u.decision_id DESC LIMIT $2"#,
        id.uuid(),
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        Ok(Use {
            decision: DecisionId::from_uuid(row.decision_id),
            at: row.at,
            principal: row.principal_id,
            capability: row.capability,
            resource: row.resource_id,
            base: outcome(&row.base, id)?,
            effective: outcome(&row.effective, id)?,
            done: row
                .done
                .map(|done| done.parse().map_err(inconsistent("enforcements", "done", id)))
                .transpose()?,
        })
    })
    .collect()
}

/// How many uses there are, and how many of them changed the outcome.
pub async fn use_counts(db: impl PgExecutor<'_>, id: OptOutId) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "all!", count(*) FILTER (WHERE base <> effective) AS "changed!"
           FROM opt_out_uses WHERE opt_out_id = $1"#,
        id.uuid()
    )
    .fetch_one(db)
    .await?;
    Ok((row.all, row.changed))
}

/// The bypasses in force at `now`, each with the newest decisions that it applied to: enough to judge whether it is needed.
pub async fn seen_of_bypasses(
    db: impl PgExecutor<'_>,
    now: Instant,
) -> Result<BTreeMap<OptOutId, Vec<Seen>>, StoreError> {
    let mut found: BTreeMap<OptOutId, Vec<Seen>> = BTreeMap::new();
    let rows = sqlx::query!(
        r#"SELECT o.id, u.at AS "at?", u.base <> u.effective AS "changed?"
           FROM opt_outs o LEFT JOIN LATERAL (
               SELECT at, base, effective FROM opt_out_uses
               WHERE opt_out_id = o.id ORDER BY decision_id DESC LIMIT $2) AS u ON true
           WHERE o.direction = 'bypass' AND o.state IN ('approved', 'active') AND o.starts_at <= $1 AND o.ends_at > $1
           ORDER BY o.id, u.at DESC"#,
        now,
        i64::try_from(LOOKED_AT).unwrap_or(i64::MAX),
    )
    .fetch_all(db)
    .await?;
    for row in rows {
        let seen = found.entry(OptOutId::from_uuid(row.id)).or_default();
        if let (Some(at), Some(changed)) = (row.at, row.changed) {
            seen.push(Seen { at, changed });
        }
    }
    Ok(found)
}
