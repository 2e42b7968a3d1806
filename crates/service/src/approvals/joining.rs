//! Who joins a pending item: the fallback where too few are left, the next list after silence.

use super::Electors;
use domain::approval::{
    Approver, AskedToo, Exclusions, Plan, PlanError, Stage, Standing, Vote, Widening, silent_since, standing,
};
use domain::name::PersonId;
use domain::window::Instant;
use std::collections::BTreeSet;

/// What of a pending item says who is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) excluded: &'a Exclusions,
    pub(crate) votes: &'a [Vote],
    pub(crate) requested_at: Instant,
    /// Whom its tier asks where too few are left, by name.
    pub(crate) fallback: &'a [Approver],
}

/// Somebody has joined a stage.
#[derive(Debug, Clone)]
pub(crate) struct Joined {
    pub(crate) stage: u32,
    pub(crate) name: String,
    pub(crate) more: AskedToo,
}

impl Joined {
    /// What the ledger says of it.
    pub(crate) fn body(&self) -> serde_json::Value {
        serde_json::json!({
            "stage": self.stage, "name": self.name, "to": self.more.to, "since": self.more.at, "why": self.more.why,
        })
    }
}

/// Lets everybody join whose time has come; who did.
pub(crate) fn join(electors: Electors<'_>, plan: &mut Plan, asked: Asked<'_>, now: Instant) -> Vec<Joined> {
    let left = left(electors, plan, asked);
    // Where the fallback is not enough either, it stays as it is: `nobody_left` says so.
    let mut joined = plan
        .fall_back(asked.fallback, asked.votes, &left, now)
        .unwrap_or_default();
    if let Standing::Open { stage } = standing(plan, asked.votes) {
        let silent = silent_since(asked.requested_at, asked.votes);
        joined.extend(
            plan.escalate(stage, silent, now)
                .into_iter()
                .map(|more| (stage, more)),
        );
    }
    joined
        .into_iter()
        .map(|(stage, more)| Joined {
            stage,
            name: at(plan, stage)
                .map(|stage| stage.name.clone())
                .unwrap_or_default(),
            more,
        })
        .collect()
}

/// Why nobody can decide it, with everybody who has joined; none where somebody can.
pub(crate) fn nobody_left(electors: Electors<'_>, plan: &Plan, asked: Asked<'_>) -> Option<PlanError> {
    plan.feasible(asked.votes, &left(electors, plan, asked)).err()
}

/// The plan as it is judged now, for pages: with everybody whose time has come, whether a worker has said so or not.
pub(crate) fn as_of(plan: &Plan, requested_at: Instant, votes: &[Vote], now: Instant) -> Plan {
    let mut plan = plan.clone();
    if let Standing::Open { stage } = standing(&plan, votes) {
        plan.escalate(stage, silent_since(requested_at, votes), now);
    }
    plan
}

/// Who joins the open stage next, and when, unless somebody votes before.
pub(crate) fn next_to_join(
    plan: &Plan,
    requested_at: Instant,
    votes: &[Vote],
) -> Option<(Vec<Approver>, Instant)> {
    let Standing::Open { stage } = standing(plan, votes) else {
        return None;
    };
    let (next, at) = at(plan, stage)?.next_escalation(silent_since(requested_at, votes))?;
    Some((next.to.clone(), at))
}

/// Whether somebody joined since nobody was left.
pub(crate) fn fell_back(joined: &Joined) -> bool {
    match joined.more.why {
        Widening::NobodyLeft => true,
        Widening::Silence => false,
    }
}

fn at(plan: &Plan, stage: u32) -> Option<&Stage> {
    plan.stages.get(usize::try_from(stage).ok()?)
}

/// Everybody who could fill a seat; those who have voted are among them, and their votes say which seat they fill.
fn left(electors: Electors<'_>, plan: &Plan, asked: Asked<'_>) -> Vec<(PersonId, BTreeSet<Approver>)> {
    let named: BTreeSet<Approver> = plan
        .stages
        .iter()
        .flat_map(Stage::asks)
        .chain(asked.fallback.iter().cloned())
        .collect();
    electors.able(&named, asked.excluded)
}
