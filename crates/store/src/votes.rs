//! Votes: one per person and item.

use crate::error::{from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::approval::{Behalf, Verdict, VoidReason, Vote};
use domain::digest::Digest;
use domain::id::{DelegationId, StepUpId, VoteId};
use domain::name::PersonId;
use domain::step_up::SignedInAfresh;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;
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

pub(crate) fn verdict(table: &'static str, word: &str, id: impl ToString) -> Result<Verdict, StoreError> {
    match word {
        "approve" => Ok(Verdict::Approve),
        "deny" => Ok(Verdict::Deny),
        other => Err(inconsistent(table, "verdict", id)(format!(
            "unknown verdict {other}"
        ))),
    }
}

pub(crate) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approve",
        Verdict::Deny => "deny",
    }
}

struct VoteRow {
    person_id: String,
    stage: i32,
    verdict: String,
    capacities: serde_json::Value,
    reason: String,
    at: Instant,
    giver_id: Option<String>,
    delegation_id: Option<Uuid>,
    shown_digest: Option<Vec<u8>>,
    step_up_id: Option<Uuid>,
    auth_time: Option<Instant>,
    acr: Option<String>,
}

impl VoteRow {
    fn vote(self, id: Uuid) -> Result<Vote, StoreError> {
        Ok(Vote {
            person: PersonId::new(self.person_id).map_err(inconsistent("votes", "person_id", id))?,
            stage: u32::try_from(self.stage).map_err(inconsistent("votes", "stage", id))?,
            verdict: verdict("votes", &self.verdict, id)?,
            capacities: from_json("votes", "capacities", id, self.capacities)?,
            reason: self.reason,
            at: self.at,
            behalf: match (self.giver_id, self.delegation_id) {
                (None, None) => None,
                (Some(giver), Some(delegation)) => Some(Behalf {
                    person: PersonId::new(giver).map_err(inconsistent("votes", "giver_id", id))?,
                    delegation: DelegationId::from_uuid(delegation),
                }),
                (Some(_), None) | (None, Some(_)) => {
                    return Err(inconsistent("votes", "delegation_id", id)(
                        "only half of it is there",
                    ));
                }
            },
            shown: self
                .shown_digest
                .map(|bytes| <[u8; 32]>::try_from(bytes).map(Digest::from_bytes))
                .transpose()
                .map_err(|_| inconsistent("votes", "shown_digest", id)("not 32 bytes"))?,
            signed_in: match (self.step_up_id, self.auth_time) {
                (Some(step_up), Some(auth_time)) => Some(SignedInAfresh {
                    step_up: StepUpId::from_uuid(step_up),
                    auth_time,
                    acr: self.acr,
                }),
                (None, _) | (_, None) => None,
            },
        })
    }
}

/// All votes that count on an item in its present round, in the order in which they were cast. Only what was suspended and
/// is to be put back has another round than the first.
pub async fn of(db: impl PgExecutor<'_>, item: Item) -> Result<Vec<Vote>, StoreError> {
    of_round(db, item, false).await
}

/// All votes on an item in its present round that are void, in the order in which they were cast.
pub async fn void_of(db: impl PgExecutor<'_>, item: Item) -> Result<Vec<Vote>, StoreError> {
    of_round(db, item, true).await
}

async fn of_round(db: impl PgExecutor<'_>, item: Item, void: bool) -> Result<Vec<Vote>, StoreError> {
    let (kind, id) = item.columns();
    sqlx::query_as!(
        VoteRow,
        "SELECT person_id, stage, verdict, capacities, reason, at, giver_id, delegation_id, shown_digest, step_up_id,
                auth_time, acr
         FROM votes
         WHERE item_kind = $1 AND item_id = $2 AND round = coalesce(
             (SELECT o.round FROM opt_outs o WHERE $1 = 'opt_out' AND o.id = $2), 0)
             AND EXISTS (SELECT 1 FROM void_votes WHERE vote_id = id) = $3
         ORDER BY at, id",
        kind,
        id,
        void
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| row.vote(id))
    .collect()
}

/// The same for several items of a kind, each with its votes; of each that cannot be read by itself.
async fn of_each(
    db: impl PgExecutor<'_>,
    kind: &'static str,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Result<Vec<Vote>, StoreError>>, StoreError> {
    let rows = sqlx::query!(
        "SELECT v.item_id, v.person_id, v.stage, v.verdict, v.capacities, v.reason, v.at, v.giver_id, v.delegation_id,
                v.shown_digest, v.step_up_id, v.auth_time, v.acr
         FROM votes v LEFT JOIN opt_outs o ON $1 = 'opt_out' AND o.id = v.item_id
         WHERE v.item_kind = $1 AND v.item_id = ANY($2) AND v.round = coalesce(o.round, 0)
         ORDER BY v.at, v.id",
        kind,
        ids
    )
    .fetch_all(db)
    .await?;
    let mut votes: BTreeMap<Uuid, Result<Vec<Vote>, StoreError>> =
        ids.iter().map(|id| (*id, Ok(Vec::new()))).collect();
    for row in rows {
        let id = row.item_id;
        let vote = VoteRow {
            person_id: row.person_id,
            stage: row.stage,
            verdict: row.verdict,
            capacities: row.capacities,
            reason: row.reason,
            at: row.at,
            giver_id: row.giver_id,
            delegation_id: row.delegation_id,
            shown_digest: row.shown_digest,
            step_up_id: row.step_up_id,
            auth_time: row.auth_time,
            acr: row.acr,
        };
        match (votes.get_mut(&id), vote.vote(id)) {
            (Some(Ok(of_item)), Ok(vote)) => of_item.push(vote),
            (Some(of_item), Err(error)) => *of_item = Err(error),
            (Some(Err(_)) | None, _) => {}
        }
    }
    Ok(votes)
}

/// The votes on each of these access requests, as [`of`].
pub async fn of_access_requests(
    db: impl PgExecutor<'_>,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Result<Vec<Vote>, StoreError>>, StoreError> {
    of_each(db, "access_request", ids).await
}

/// The votes on each of these opt-outs, as [`of`].
pub async fn of_opt_outs(
    db: impl PgExecutor<'_>,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Result<Vec<Vote>, StoreError>>, StoreError> {
    of_each(db, "opt_out", ids).await
}

/// All votes on an item in all of its rounds, in the order in which they were cast.
pub async fn of_all_rounds(db: impl PgExecutor<'_>, item: Item) -> Result<Vec<Vote>, StoreError> {
    let (kind, id) = item.columns();
    sqlx::query_as!(
        VoteRow,
        "SELECT person_id, stage, verdict, capacities, reason, at, giver_id, delegation_id, shown_digest, step_up_id,
                auth_time, acr
         FROM votes WHERE item_kind = $1 AND item_id = $2 ORDER BY at, id",
        kind,
        id
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| row.vote(id))
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
            verdict: verdict("votes", &row.verdict, item)?,
            reason: row.reason,
        })
    })
    .collect()
}

/// The pending items with votes that count, and suspended opt-outs that are asked about again.
pub async fn pending_items(db: impl PgExecutor<'_>) -> Result<Vec<(String, Uuid)>, StoreError> {
    Ok(sqlx::query!(
        "SELECT DISTINCT v.item_kind, v.item_id
         FROM votes v
         LEFT JOIN access_requests r ON v.item_kind = 'access_request' AND r.id = v.item_id
         LEFT JOIN opt_outs o ON v.item_kind = 'opt_out' AND o.id = v.item_id
         WHERE (r.state IN ('submitted', 'in_review') OR o.state IN ('requested', 'in_review', 'suspended'))
             AND NOT EXISTS (SELECT 1 FROM void_votes WHERE vote_id = v.id)"
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| (row.item_kind, row.item_id))
    .collect())
}

/// Makes the vote that counts of this person on an item void, from an instant on.
pub async fn make_void(
    tx: &mut Tx,
    item: Item,
    person: &PersonId,
    why: VoidReason,
    at: Instant,
) -> Result<(), StoreError> {
    let (kind, id) = item.columns();
    let done = sqlx::query!(
        "INSERT INTO void_votes (vote_id, why, at)
         SELECT v.id, $4, $5 FROM votes v
         WHERE v.item_kind = $1 AND v.item_id = $2 AND v.person_id = $3 AND v.round = coalesce(
             (SELECT o.round FROM opt_outs o WHERE $1 = 'opt_out' AND o.id = $2), 0)
             AND NOT EXISTS (SELECT 1 FROM void_votes WHERE vote_id = v.id)",
        kind,
        id,
        person.as_str(),
        why.as_str(),
        at
    )
    .execute(tx.conn())
    .await?;
    crate::error::exactly_one("votes", person, done.rows_affected())
}

/// Stores a vote in the item's present round. The constraints `votes_once_per_person` and `votes_once_per_giver` refuse a
/// second one that counts.
pub async fn insert(tx: &mut Tx, id: VoteId, item: Item, vote: &Vote) -> Result<(), StoreError> {
    let (kind, item_id) = item.columns();
    let signed_in = vote.signed_in.as_ref();
    sqlx::query!(
        "INSERT INTO votes (id, item_kind, item_id, person_id, stage, verdict, capacities, reason, at, giver_id,
                            delegation_id, shown_digest, step_up_id, auth_time, acr, round, person_void, giver_void)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, present.round,
             (SELECT count(*) FROM votes v JOIN void_votes ON vote_id = v.id
              WHERE v.item_kind = $2 AND v.item_id = $3 AND v.round = present.round AND v.person_id = $4),
             (SELECT count(*) FROM votes v JOIN void_votes ON vote_id = v.id
              WHERE v.item_kind = $2 AND v.item_id = $3 AND v.round = present.round AND v.giver_id = $10)
         FROM (SELECT coalesce((SELECT o.round FROM opt_outs o WHERE $2 = 'opt_out' AND o.id = $3), 0) AS round) AS present",
        id.uuid(),
        kind,
        item_id,
        vote.person.as_str(),
        i32::try_from(vote.stage).unwrap_or(i32::MAX),
        word(vote.verdict),
        to_json("votes", "capacities", &vote.capacities)?,
        vote.reason,
        vote.at,
        vote.behalf.as_ref().map(|behalf| behalf.person.as_str()),
        vote.behalf.as_ref().map(|behalf| behalf.delegation.uuid()),
        vote.shown.as_ref().map(|digest| &digest.as_bytes()[..]),
        signed_in.map(|signed_in| signed_in.step_up.uuid()),
        signed_in.map(|signed_in| signed_in.auth_time),
        signed_in.and_then(|signed_in| signed_in.acr.as_deref()),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
