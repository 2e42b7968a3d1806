//! Votes: one per person and item.

use crate::error::{from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::approval::{Verdict, Vote};
use domain::id::VoteId;
use domain::name::PersonId;
use sqlx::PgExecutor;
use uuid::Uuid;

/// What is voted on, or talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// An access request, by its UUID.
    AccessRequest(Uuid),
    /// An opt-out, by its UUID.
    OptOut(Uuid),
}

impl Item {
    /// Its UUID.
    pub const fn id(self) -> Uuid {
        self.columns().1
    }

    pub(crate) const fn columns(self) -> (&'static str, Uuid) {
        match self {
            Self::AccessRequest(id) => ("access_request", id),
            Self::OptOut(id) => ("opt_out", id),
        }
    }
}

fn verdict(word: &str, item: Uuid) -> Result<Verdict, StoreError> {
    match word {
        "approve" => Ok(Verdict::Approve),
        "deny" => Ok(Verdict::Deny),
        other => Err(inconsistent("votes", "verdict", item)(format!(
            "unknown verdict {other}"
        ))),
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
        Ok(Vote {
            person: PersonId::new(row.person_id).map_err(inconsistent("votes", "person_id", id))?,
            stage: u32::try_from(row.stage).map_err(inconsistent("votes", "stage", id))?,
            verdict: verdict(&row.verdict, id)?,
            capacities: from_json("votes", "capacities", id, row.capacities)?,
            reason: row.reason,
            at: row.at,
        })
    })
    .collect()
}

/// What somebody said about one of several items, for lists.
#[derive(Debug, Clone)]
pub struct Said {
    /// The item's UUID.
    pub item: Uuid,
    /// Who.
    pub person: PersonId,
    /// Yes or no.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// Who said what about each of several items, in the order in which it was said.
pub async fn said(
    db: impl PgExecutor<'_>,
    items: impl IntoIterator<Item = Item> + Send,
) -> Result<Vec<Said>, StoreError> {
    let (kinds, ids): (Vec<String>, Vec<Uuid>) = items
        .into_iter()
        .map(|item| {
            let (kind, id) = item.columns();
            (kind.to_owned(), id)
        })
        .unzip();
    sqlx::query!(
        "SELECT v.item_id, v.person_id, v.verdict, v.reason
         FROM unnest($1::text[], $2::uuid[]) AS asked (kind, id)
         JOIN votes v ON v.item_kind = asked.kind AND v.item_id = asked.id
         ORDER BY v.at, v.id",
        &kinds,
        &ids
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let item = row.item_id;
        Ok(Said {
            item,
            person: PersonId::new(row.person_id).map_err(inconsistent("votes", "person_id", item))?,
            verdict: verdict(&row.verdict, item)?,
            reason: row.reason,
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
