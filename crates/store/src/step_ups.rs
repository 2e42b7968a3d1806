//! Fresh sign-ins for votes.
//!
//! Beginning and proving one is one statement each, outside any command: nothing is decided by them.

use crate::StoreError;
use crate::error::inconsistent;
use crate::votes::{Item, verdict, word};
use domain::digest::Digest;
use domain::id::{AccessRequestId, OptOutId, StepUpId};
use domain::name::PersonId;
use domain::step_up::{IntendedVote, Proof, StepUp, VotedOn};
use domain::window::Instant;
use sqlx::PgExecutor;

const TABLE: &str = "step_ups";

fn item(on: VotedOn) -> Item {
    match on {
        VotedOn::AccessRequest(id) => Item::AccessRequest(id.uuid()),
        VotedOn::OptOut(id) => Item::OptOut(id.uuid()),
    }
}

/// Stores one that was begun.
pub async fn insert(db: impl PgExecutor<'_>, step_up: &StepUp) -> Result<(), StoreError> {
    let vote = &step_up.vote;
    let (kind, id) = item(vote.item).columns();
    sqlx::query!(
        "INSERT INTO step_ups (id, person_id, item_kind, item_id, verdict, shown_digest, begun_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        step_up.id.uuid(),
        vote.person.as_str(),
        kind,
        id,
        word(vote.verdict),
        &vote.shown.as_bytes()[..],
        step_up.begun_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One by its id.
pub async fn find(db: impl PgExecutor<'_>, id: StepUpId) -> Result<Option<StepUp>, StoreError> {
    let row = sqlx::query!(
        "SELECT person_id, item_kind, item_id, verdict, shown_digest, begun_at, auth_time, acr, proved_at
         FROM step_ups WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let item = match row.item_kind.as_str() {
        "access_request" => VotedOn::AccessRequest(AccessRequestId::from_uuid(row.item_id)),
        "opt_out" => VotedOn::OptOut(OptOutId::from_uuid(row.item_id)),
        other => {
            return Err(inconsistent(TABLE, "item_kind", id)(format!(
                "unknown kind {other}"
            )));
        }
    };
    let shown: [u8; 32] = row
        .shown_digest
        .try_into()
        .map_err(|_| inconsistent(TABLE, "shown_digest", id)("not 32 bytes"))?;
    Ok(Some(StepUp {
        id,
        vote: IntendedVote {
            person: PersonId::new(row.person_id).map_err(inconsistent(TABLE, "person_id", id))?,
            item,
            verdict: verdict(TABLE, &row.verdict, id)?,
            shown: Digest::from_bytes(shown),
        },
        begun_at: row.begun_at,
        proof: match (row.auth_time, row.proved_at) {
            (Some(auth_time), Some(proved_at)) => Some(Proof {
                auth_time,
                acr: row.acr,
                proved_at,
            }),
            (None, _) | (_, None) => None,
        },
    }))
}

/// Adds the proof, unless there is one: whether it was added.
pub async fn prove(db: impl PgExecutor<'_>, id: StepUpId, proof: &Proof) -> Result<bool, StoreError> {
    let changed = sqlx::query!(
        "UPDATE step_ups SET auth_time = $2, acr = $3, proved_at = $4 WHERE id = $1 AND proved_at IS NULL",
        id.uuid(),
        proof.auth_time,
        proof.acr,
        proof.proved_at,
    )
    .execute(db)
    .await?
    .rows_affected();
    Ok(changed == 1)
}

/// Throws away what was begun before `before` and no vote came of; how many.
pub async fn delete_unused(db: impl PgExecutor<'_>, before: Instant) -> Result<u64, StoreError> {
    Ok(sqlx::query!(
        "DELETE FROM step_ups s
         WHERE s.begun_at < $1 AND NOT EXISTS (SELECT FROM votes v WHERE v.step_up_id = s.id)",
        before
    )
    .execute(db)
    .await?
    .rows_affected())
}
