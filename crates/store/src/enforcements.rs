//! What policy enforcement points report that they have done.

use crate::error::inconsistent;
use crate::{StoreError, Tx};
use domain::enforcement::{Done, Enforcement};
use domain::grant::Grant;
use domain::id::{ClientId, DecisionId, OptOutId};
use sqlx::PgExecutor;

const TABLE: &str = "enforcements";

/// Stores a report; false where there is one of this decision.
pub async fn insert(tx: &mut Tx, report: &Enforcement) -> Result<bool, StoreError> {
    let rows = sqlx::query!(
        "INSERT INTO enforcements (decision_id, client_id, done, done_at, note, reported_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (decision_id) DO NOTHING",
        report.decision.uuid(),
        report.client.uuid(),
        report.done.as_str(),
        report.done_at,
        report.note,
        report.reported_at,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

/// The report of a decision.
pub async fn find(db: impl PgExecutor<'_>, decision: DecisionId) -> Result<Option<Enforcement>, StoreError> {
    sqlx::query!(
        "SELECT client_id, done, done_at, note, reported_at FROM enforcements WHERE decision_id = $1",
        decision.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(|row| {
        Ok(Enforcement {
            decision,
            client: ClientId::from_uuid(row.client_id),
            done: row
                .done
                .parse::<Done>()
                .map_err(inconsistent(TABLE, "done", decision))?,
            done_at: row.done_at,
            note: row.note,
            reported_at: row.reported_at,
        })
    })
    .transpose()
}

/// What was done in the decisions that an opt-out applied to, or that a grant answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// As answered.
    pub as_answered: i64,
    /// Allowed, and refused at the gate.
    pub stricter: i64,
    /// Refused, and let through at the gate.
    pub laxer: i64,
    /// What nobody reported.
    pub unreported: i64,
}

/// Counts what was done in the decisions that an opt-out applied to.
pub async fn counts(db: impl PgExecutor<'_>, opt_out: OptOutId) -> Result<Counts, StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE e.done IS NULL) AS "unreported!",
               count(*) FILTER (WHERE e.done = 'denied' AND d.answer) AS "stricter!",
               count(*) FILTER (WHERE e.done = 'bypassed' AND NOT d.answer) AS "laxer!",
               count(*) FILTER (WHERE e.done = 'enforced' OR (e.done = 'denied' AND NOT d.answer)
                   OR (e.done = 'bypassed' AND d.answer)) AS "as_answered!"
           FROM opt_out_uses u JOIN decisions d ON d.id = u.decision_id
           LEFT JOIN enforcements e ON e.decision_id = u.decision_id
           WHERE u.opt_out_id = $1"#,
        opt_out.uuid()
    )
    .fetch_one(db)
    .await?;
    Ok(Counts {
        as_answered: row.as_answered,
        stricter: row.stricter,
        laxer: row.laxer,
        unreported: row.unreported,
    })
}

/// Counts what was done in the decisions that a grant answered. All of them were allowed.
pub async fn counts_of_grant(db: impl PgExecutor<'_>, grant: &Grant) -> Result<Counts, StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE e.done IS NULL) AS "unreported!",
               count(*) FILTER (WHERE e.done = 'denied') AS "stricter!",
               count(*) FILTER (WHERE e.done IN ('enforced', 'bypassed')) AS "as_answered!"
           FROM decisions d LEFT JOIN enforcements e ON e.decision_id = d.id
           WHERE d.grant_id = $1 AND d.principal_kind = $2 AND d.principal_id = $3 AND d.id >= uuid_at($4::timestamptz - interval '1 ms')"#,
        grant.id.uuid(),
        grant.principal.kind.as_str(),
        grant.principal.id,
        grant.window.starts_at(),
    )
    .fetch_one(db)
    .await?;
    Ok(Counts {
        as_answered: row.as_answered,
        stricter: row.stricter,
        laxer: 0,
        unreported: row.unreported,
    })
}
