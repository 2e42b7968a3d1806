//! Writing opt-outs: each change that touches what is in force makes a revision.

use super::Stored;
use crate::error::{exactly_one, to_json};
use crate::{StoreError, Tx};
use domain::id::OptOutId;
use domain::name::{IncidentId, PersonId};
use domain::opt_out::{OptOutState, Premise};
use domain::window::Instant;

const TABLE: &str = "opt_outs";

fn stage(state: OptOutState) -> Option<i32> {
    match state {
        OptOutState::InReview { stage } => i32::try_from(stage).ok(),
        OptOutState::Requested
        | OptOutState::Approved
        | OptOutState::Active
        | OptOutState::Suspended
        | OptOutState::Expired
        | OptOutState::Revoked
        | OptOutState::Exhausted
        | OptOutState::ClosedEarly
        | OptOutState::Rejected
        | OptOutState::Withdrawn
        | OptOutState::Lapsed => None,
    }
}

fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

async fn insert_revision(tx: &mut Tx, stored: &Stored, now: Instant) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO opt_out_revisions (opt_out_id, revision, body, at) VALUES ($1, $2, $3, $4)",
        stored.opt_out.id.uuid(),
        whole(stored.opt_out.revision),
        to_json("opt_out_revisions", "body", &stored.opt_out)?,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores a new opt-out with its first revision.
pub async fn insert(tx: &mut Tx, stored: &Stored) -> Result<(), StoreError> {
    let opt_out = &stored.opt_out;
    let teams: Vec<String> = opt_out.teams.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "INSERT INTO opt_outs (id, revision, state, stage, direction, title, scenario, requester_id, tier, tier_rank,
             teams, policy_digest, plan, excluded, starts_at, ends_at, longest_secs, max_uses, requested_at, lapses_at, scheduled,
             parent_id, generation, must_end_by, opened_by_client, recurrence, premise, incident, ticket)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
             $22, $23, $24, $25, $26, $27, $28, $29)",
        opt_out.id.uuid(),
        whole(opt_out.revision),
        opt_out.state.as_str(),
        stage(opt_out.state),
        opt_out.direction.as_str(),
        opt_out.title,
        opt_out.scenario.as_str(),
        opt_out.requested_by.person().map(PersonId::as_str),
        opt_out.tier.as_str(),
        whole(opt_out.tier_rank),
        &teams,
        stored.policy_digest.as_bytes().as_slice(),
        to_json(TABLE, "plan", &stored.plan)?,
        to_json(TABLE, "excluded", &stored.excluded)?,
        opt_out.window.starts_at(),
        opt_out.window.ends_at(),
        stored.longest_secs,
        opt_out.max_uses.map(whole),
        opt_out.requested_at,
        opt_out.lapses_at,
        stored.scheduled,
        opt_out.lineage.map(|lineage| lineage.parent.uuid()),
        opt_out.lineage.map_or(0, |lineage| whole(lineage.generation)),
        opt_out.lineage.and_then(|lineage| lineage.must_end_by),
        opt_out.requested_by.signal().map(|signal| signal.client.uuid()),
        opt_out
            .recurrence
            .as_ref()
            .map(|recurrence| to_json(TABLE, "recurrence", recurrence))
            .transpose()?,
        opt_out.conditions.premise.as_ref().map(Premise::kind),
        opt_out.conditions.incident().map(IncidentId::as_str),
        opt_out.conditions.premise.as_ref().and_then(Premise::ticket),
    )
    .execute(tx.conn())
    .await?;
    insert_revision(tx, stored, opt_out.requested_at).await
}

/// Stores what may change. The version that was read must still be there. Where the revision number has gone up, the new
/// revision is stored too. `uses` is not written here: only decisions count it.
pub async fn update(
    tx: &mut Tx,
    stored: &Stored,
    new_revision: bool,
    now: Instant,
) -> Result<(), StoreError> {
    let opt_out = &stored.opt_out;
    let teams: Vec<String> = opt_out.teams.iter().map(ToString::to_string).collect();
    let rows = sqlx::query!(
        "UPDATE opt_outs
         SET version = version + 1, revision = $3, state = $4, stage = $5, plan = $6, excluded = $7, starts_at = $8,
             ends_at = $9, approved_at = $10, max_uses = $11, tier = $12, tier_rank = $13, teams = $14, lapses_at = $15,
             closes_at = $16, round = $17
         WHERE id = $1 AND version = $2",
        opt_out.id.uuid(),
        stored.version,
        whole(opt_out.revision),
        opt_out.state.as_str(),
        stage(opt_out.state),
        to_json(TABLE, "plan", &stored.plan)?,
        to_json(TABLE, "excluded", &stored.excluded)?,
        opt_out.window.starts_at(),
        opt_out.window.ends_at(),
        opt_out.approved_at,
        opt_out.max_uses.map(whole),
        opt_out.tier.as_str(),
        whole(opt_out.tier_rank),
        &teams,
        opt_out.lapses_at,
        opt_out.closes_at(),
        whole(opt_out.conditions.round),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, opt_out.id, rows)?;
    if new_revision {
        insert_revision(tx, stored, now).await?;
    }
    Ok(())
}

/// Notes that an opt-out's derived end is in the ledger.
pub async fn mark_end_reported(tx: &mut Tx, id: OptOutId, state: OptOutState) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE opt_outs SET end_reported = true, state = $2, stage = NULL, version = version + 1
         WHERE id = $1 AND NOT end_reported",
        id.uuid(),
        state.as_str(),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, id, rows)
}
