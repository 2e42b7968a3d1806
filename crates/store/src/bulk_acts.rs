//! What somebody decided several items at once came to, for their eyes.
//!
//! Nothing here is part of a command's transaction: each call is one statement, so it takes an executor.

use crate::StoreError;
use crate::error::{from_json, inconsistent, to_json};
use domain::approval::Verdict;
use domain::id::BulkActId;
use domain::name::PersonId;
use domain::window::Instant;
use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;

const TABLE: &str = "bulk_acts";

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAct {
    /// Its id.
    pub id: BulkActId,
    /// Whose.
    pub person: PersonId,
    /// Yes or no, to all of them.
    pub verdict: Verdict,
    /// The items in their outer form, in the order in which they were voted on.
    pub items: Vec<String>,
    /// What came of each; none where the act was cut off.
    pub results: Option<Vec<BulkResult>>,
    /// When it began.
    pub at: Instant,
}

/// What came of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkResult {
    /// The item in its outer form.
    pub item: String,
    /// Why the vote was refused; none where it counts.
    pub refused: Option<String>,
}

/// Stores an act that is about to begin.
pub async fn begin(db: impl PgExecutor<'_>, act: &BulkAct) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO bulk_acts (id, person_id, verdict, items, at) VALUES ($1, $2, $3, $4, $5)",
        act.id.uuid(),
        act.person.as_str(),
        match act.verdict {
            Verdict::Approve => "approve",
            Verdict::Deny => "deny",
        },
        to_json(TABLE, "items", &act.items)?,
        act.at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Says what came of it.
pub async fn finish(
    db: impl PgExecutor<'_>,
    id: BulkActId,
    results: &[BulkResult],
) -> Result<(), StoreError> {
    let changed = sqlx::query!(
        "UPDATE bulk_acts SET results = $2 WHERE id = $1 AND results IS NULL",
        id.uuid(),
        to_json(TABLE, "results", &results)?
    )
    .execute(db)
    .await?
    .rows_affected();
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale {
            table: TABLE,
            id: id.to_string(),
        })
    }
}

/// An act of a person.
pub async fn find(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    id: BulkActId,
) -> Result<Option<BulkAct>, StoreError> {
    sqlx::query!(
        "SELECT verdict, items, results, at FROM bulk_acts WHERE id = $1 AND person_id = $2",
        id.uuid(),
        person.as_str()
    )
    .fetch_optional(db)
    .await?
    .map(|row| {
        Ok(BulkAct {
            id,
            person: person.clone(),
            verdict: match row.verdict.as_str() {
                "approve" => Verdict::Approve,
                "deny" => Verdict::Deny,
                other => {
                    return Err(inconsistent(TABLE, "verdict", id)(format!(
                        "unknown verdict {other}"
                    )));
                }
            },
            items: from_json(TABLE, "items", id, row.items)?,
            results: row
                .results
                .map(|results| from_json(TABLE, "results", id, results))
                .transpose()?,
            at: row.at,
        })
    })
    .transpose()
}

/// Throws away what began before `since`; how many.
pub async fn delete_older(db: impl PgExecutor<'_>, since: Instant) -> Result<u64, StoreError> {
    Ok(sqlx::query!("DELETE FROM bulk_acts WHERE at <= $1", since)
        .execute(db)
        .await?
        .rows_affected())
}
