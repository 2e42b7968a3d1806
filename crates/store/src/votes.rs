//! Votes: one per person and item.

use crate::error::{from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::approval::{Verdict, Vote};
use domain::id::VoteId;
use domain::name::PersonId;
use sqlx::PgExecutor;
use uuid::Uuid;

/// What is voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// An access request, by its UUID.
    AccessRequest(Uuid),
    /// An opt-out, by its UUID.
    OptOut(Uuid),
}

impl Item {
    const fn columns(self) -> (&'static str, Uuid) {
        match self {
            Self::AccessRequest(id) => ("access_request", id),
            Self::OptOut(id) => ("opt_out", id),
        }
    }
}

/// All votes on an item, in the order in which they were cast.
pub async fn of(db: impl PgExecutor<'_>, item: Item) -> Result<Vec<Vote>, StoreError> {
    let (kind, id) = item.columns();
    sqlx::query!(
        "SELECT person_id, stage, verdict, capacities, reason, at FROM votes
         WHERE item_kind = $1 AND item_id = $2 ORDER BY at, id",
        kind,
        id
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let verdict = match row.verdict.as_str() {
            "approve" => Verdict::Approve,
            "deny" => Verdict::Deny,
            other => {
                return Err(inconsistent("votes", "verdict", id)(format!(
                    "unknown verdict {other}"
                )));
            }
        };
        Ok(Vote {
            person: PersonId::new(row.person_id).map_err(inconsistent("votes", "person_id", id))?,
            stage: u32::try_from(row.stage).map_err(inconsistent("votes", "stage", id))?,
            verdict,
            capacities: from_json("votes", "capacities", id, row.capacities)?,
            reason: row.reason,
            at: row.at,
        })
    })
    .collect()
}

/// Stores a vote. The constraint `votes_once_per_person` refuses a second one.
pub async fn insert(tx: &mut Tx, id: VoteId, item: Item, vote: &Vote) -> Result<(), StoreError> {
    let (kind, item_id) = item.columns();
    let verdict = match vote.verdict {
        Verdict::Approve => "approve",
        Verdict::Deny => "deny",
    };
    sqlx::query!(
        "INSERT INTO votes (id, item_kind, item_id, person_id, stage, verdict, capacities, reason, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.uuid(),
        kind,
        item_id,
        vote.person.as_str(),
        i32::try_from(vote.stage).unwrap_or(i32::MAX),
        verdict,
        to_json("votes", "capacities", &vote.capacities)?,
        vote.reason,
        vote.at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
