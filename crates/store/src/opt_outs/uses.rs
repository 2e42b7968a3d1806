//! Uses: decisions that an opt-out applied to, with what they would have been without it.

use crate::StoreError;
use crate::error::inconsistent;
use domain::enforcement::Done;
use domain::id::{DecisionId, OptOutId};
use domain::outcome::Outcome;
use domain::window::Instant;
use sqlx::PgExecutor;

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
