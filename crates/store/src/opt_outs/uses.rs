//! Uses: decisions that an opt-out applied to, with what they would have been without it.

use crate::StoreError;
use crate::error::inconsistent;
use domain::decision::UseEffect;
use domain::enforcement::Done;
use domain::id::{ClientId, DecisionId, OptOutId};
use domain::opt_out::{LOOKED_AT, Seen};
use domain::outcome::Outcome;
use domain::principal::PrincipalRef;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::{BTreeMap, BTreeSet};

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
    /// What this one did to it.
    pub effect: UseEffect,
    /// The answer; true is allow.
    pub answer: bool,
    /// What was done at the gate, where that was reported.
    pub done: Option<Done>,
}

/// Everybody who has had a decision that an opt-out applied to.
pub async fn principals_met(
    db: impl PgExecutor<'_>,
    id: OptOutId,
) -> Result<BTreeSet<PrincipalRef>, StoreError> {
    sqlx::query!(
        "SELECT DISTINCT d.principal_kind, d.principal_id
         FROM opt_out_uses u JOIN decisions d ON d.id = u.decision_id WHERE u.opt_out_id = $1",
        id.uuid()
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| crate::directory::principal_ref("decisions", &row.principal_kind, row.principal_id))
    .collect()
}

fn outcome(text: &str, id: OptOutId) -> Result<Outcome, StoreError> {
    text.parse()
        .map_err(inconsistent("opt_out_uses", "effective", id))
}

fn effect(text: &str, id: OptOutId) -> Result<UseEffect, StoreError> {
    text.parse().map_err(inconsistent("opt_out_uses", "effect", id))
}

struct UseRow {
    decision_id: uuid::Uuid,
    at: Instant,
    base: String,
    effective: String,
    effect: String,
    answer: bool,
    principal_id: String,
    capability: String,
    resource_id: String,
    done: Option<String>,
}

impl UseRow {
    fn read(self, id: OptOutId) -> Result<Use, StoreError> {
        Ok(Use {
            decision: DecisionId::from_uuid(self.decision_id),
            at: self.at,
            principal: self.principal_id,
            capability: self.capability,
            resource: self.resource_id,
            base: outcome(&self.base, id)?,
            effective: outcome(&self.effective, id)?,
            effect: effect(&self.effect, id)?,
            answer: self.answer,
            done: self
                .done
                .map(|done| done.parse().map_err(inconsistent("enforcements", "done", id)))
                .transpose()?,
        })
    }
}

/// The newest uses.
pub async fn recent_uses(db: impl PgExecutor<'_>, id: OptOutId, limit: i64) -> Result<Vec<Use>, StoreError> {
    sqlx::query_as!(
        UseRow,
        r#"SELECT u.decision_id, u.at, u.base, u.effective, use_effect(u) AS "effect!", d.answer, d.principal_id,
             d.capability, d.resource_id, e.done AS "done?"
         FROM opt_out_uses u JOIN decisions d ON d.id = u.decision_id
         LEFT JOIN enforcements e ON e.decision_id = u.decision_id
         WHERE u.opt_out_id = $1 ORDER BY u.decision_id DESC LIMIT $2"#,
        id.uuid(),
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| row.read(id))
    .collect()
}

/// The uses that a reviewer looks at: first those where something else was done than what was answered, what was let
/// through before what was refused, then the others; the newest first of each.
pub async fn uses_to_review(
    db: impl PgExecutor<'_>,
    id: OptOutId,
    limit: i64,
) -> Result<Vec<Use>, StoreError> {
    sqlx::query_as!(
        UseRow,
        r#"SELECT u.decision_id, u.at, u.base, u.effective, use_effect(u) AS "effect!", d.answer, d.principal_id,
             d.capability, d.resource_id, e.done AS "done?"
         FROM opt_out_uses u JOIN decisions d ON d.id = u.decision_id
         LEFT JOIN enforcements e ON e.decision_id = u.decision_id
         WHERE u.opt_out_id = $1
         ORDER BY CASE WHEN e.done = 'bypassed' AND NOT d.answer THEN 0
                       WHEN e.done = 'denied' AND d.answer THEN 1
                       ELSE 2 END, u.decision_id DESC
         LIMIT $2"#,
        id.uuid(),
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| row.read(id))
    .collect()
}

/// Among how many of the newest uses those of one client are looked for.
const LOOKED_THROUGH: i64 = 10_000;

/// Whether it applied to a decision that this client asked for, among its newest ten thousand.
pub async fn met(db: impl PgExecutor<'_>, id: OptOutId, client: ClientId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM (SELECT decision_id FROM opt_out_uses WHERE opt_out_id = $1
                            ORDER BY decision_id DESC LIMIT $3) u
               JOIN decisions d ON d.id = u.decision_id WHERE d.client_id = $2) AS "met!""#,
        id.uuid(),
        client.uuid(),
        LOOKED_THROUGH
    )
    .fetch_one(db)
    .await?)
}

/// How many uses there are, and in how many of them it changed the outcome.
pub async fn use_counts(db: impl PgExecutor<'_>, id: OptOutId) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "all!", count(*) FILTER (WHERE use_effect(u) = 'changed') AS "changed!"
           FROM opt_out_uses u WHERE opt_out_id = $1"#,
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
        r#"SELECT o.id, u.at AS "at?", u.effect AS "effect?"
           FROM opt_outs o LEFT JOIN LATERAL (
               (SELECT s.at, use_effect(s) AS effect FROM opt_out_uses s
                WHERE s.opt_out_id = o.id AND s.effect IS DISTINCT FROM 'hidden' ORDER BY s.decision_id DESC LIMIT $2)
               UNION ALL
               (SELECT s.at, s.effect FROM opt_out_uses s
                WHERE s.opt_out_id = o.id AND s.effect = 'hidden' ORDER BY s.decision_id DESC LIMIT 1)) AS u ON true
           WHERE o.direction = 'bypass' AND o.state IN ('approved', 'active') AND o.starts_at <= $1 AND o.ends_at > $1
           ORDER BY o.id, u.at DESC"#,
        now,
        i64::try_from(LOOKED_AT).unwrap_or(i64::MAX),
    )
    .fetch_all(db)
    .await?;
    for row in rows {
        let id = OptOutId::from_uuid(row.id);
        let seen = found.entry(id).or_default();
        if let (Some(at), Some(text)) = (row.at, row.effect) {
            seen.push(Seen {
                at,
                effect: effect(&text, id)?,
            });
        }
    }
    Ok(found)
}
