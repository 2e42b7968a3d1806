//! Judging a pending request again: under the policy, the directory and the time of a vote.

use super::submit::exclusions;
use crate::ServiceError;
use crate::approvals::{Asked, concerned, join, owners_of_workload, resolved, say_once};
use crate::break_glass::second_person;
use crate::command::EventDraft;
use crate::snapshot::Loaded;
use domain::access_request::AccessRequest;
use domain::approval::{Approver, Concerned, Exclusion, Vote};
use domain::decision::{Evaluation, Input, Purpose};
use domain::event::EventKind;
use domain::name::TierName;
use domain::outcome::Outcome;
use domain::window::Instant;
use store::Tx;
use store::votes::Item;

/// Judges a request again under the published version and the directory as it stands. Unless the outcome is `deny`, a
/// stricter tier joins the plan, and whoever must not decide by now is excluded too. Whether more is asked than before.
pub(super) fn judge(
    loaded: &Loaded,
    request: &mut AccessRequest,
    original: Input,
    now: Instant,
) -> Result<(Evaluation, bool), ServiceError> {
    let asked = Input {
        purpose: Purpose::Preview,
        approval: None,
        ..original
    };
    let evaluation = policy::evaluate(loaded.snapshot()?, &asked, now, &policy::Without::nothing());
    let mut asks_more = false;
    if evaluation.effective != Outcome::Deny {
        asks_more = tighten(loaded, request, &evaluation.tier)?;
        exclude(loaded, request);
    }
    Ok((evaluation, asks_more))
}

/// Adds everybody who must not decide it by now. A person who was excluded before stays excluded.
pub(crate) fn exclude(loaded: &Loaded, request: &mut AccessRequest) {
    request.excluded = std::mem::take(&mut request.excluded).union(&exclusions(
        loaded,
        &request.principal,
        request.wish.initiator.as_ref(),
    ));
    if request.break_glass.is_some() && request.principal.person().is_none() {
        // Whoever answers for it by now is no second person either.
        for owner in owners_of_workload(loaded.directory(), &request.principal) {
            request.excluded.add(owner, Exclusion::WorkloadOwner);
        }
    }
}

/// Joins the plan of a stricter tier, or of the same one as another policy version has it; a laxer tier leaves the frozen
/// plan as it is. Of two plans for the same tier neither need be the stricter: the union asks for both. An emergency waits for
/// one second person however strict its tier: it is one of those whom the stricter tier asks.
fn tighten(loaded: &Loaded, request: &mut AccessRequest, tier: &TierName) -> Result<bool, ServiceError> {
    let policy = loaded.policy()?;
    let Some(tier) = policy.tier(tier) else {
        return Err(ServiceError::internal(format!("no tier {tier}")));
    };
    // The frozen tier may have another rank in a later version; a version that has no such tier counts as stricter.
    let frozen = policy.tier(&request.tier).map(|frozen| frozen.rank);
    let as_it_was = policy.digest() == request.policy_digest;
    if frozen.is_some_and(|frozen| tier.rank < frozen || (tier.rank == frozen && as_it_was)) {
        return Ok(false);
    }
    let concerned = whom_it_concerns(loaded, request);
    let stages = resolved(&tier.access_stages, &concerned);
    request.plan = match request.break_glass {
        Some(_) => second_person(&stages),
        None => request.plan.union(&stages),
    };
    request.tier = tier.name.clone();
    request.tier_rank = tier.rank;
    Ok(true)
}

/// The owners of what it is for, and the manager of who asks.
fn whom_it_concerns(loaded: &Loaded, request: &AccessRequest) -> Concerned {
    let directory = loaded.directory();
    let team = directory
        .resources
        .get(&request.resource)
        .map(|found| &found.team);
    concerned(directory, team, request.asked_by().as_ref())
}

/// Lets everybody join whose time has come, whether a worker has said so or not.
pub(crate) fn joined(
    loaded: &Loaded,
    request: &mut AccessRequest,
    votes: &[Vote],
    now: Instant,
) -> Vec<EventDraft> {
    let fallback = fallback(loaded, request);
    let asked = Asked {
        excluded: &request.excluded,
        votes,
        requested_at: request.requested_at,
        fallback: &fallback,
    };
    let joined = join(loaded.electors(), &mut request.plan, asked, now);
    joined
        .iter()
        .map(|joined| super::joined_event(request, joined))
        .collect()
}

/// Says once that nobody can decide it, where that is so: the votes that were cast may have made it so.
pub(crate) async fn nobody_left(
    tx: &mut Tx,
    loaded: &Loaded,
    request: &AccessRequest,
    votes: &[Vote],
    now: Instant,
) -> Result<Option<EventDraft>, ServiceError> {
    let asked = Asked {
        excluded: &request.excluded,
        votes,
        requested_at: request.requested_at,
        fallback: &fallback(loaded, request),
    };
    let why = crate::approvals::nobody_left(loaded.electors(), &request.plan, asked);
    let said = |body| super::event(EventKind::AccessRequestNobodyLeft, request, body);
    say_once(tx, Item::AccessRequest(request.id.uuid()), why, said, now).await
}

/// The same of a request as the next vote will judge it, on the input of its denial: a policy may ask more by now. One that
/// policy refuses by now is for the next vote to void.
pub(crate) async fn nobody_left_by_now(
    tx: &mut Tx,
    loaded: &Loaded,
    request: &AccessRequest,
    (original, votes): (Input, &[Vote]),
    now: Instant,
) -> Result<Option<EventDraft>, ServiceError> {
    let mut judged = request.clone();
    let (evaluation, _) = judge(loaded, &mut judged, original, now)?;
    if evaluation.effective == Outcome::Deny {
        return Ok(None);
    }
    joined(loaded, &mut judged, votes, now);
    nobody_left(tx, loaded, &judged, votes, now).await
}

/// Whom its tier asks where too few are left.
fn fallback(loaded: &Loaded, request: &AccessRequest) -> Vec<Approver> {
    let named = whom_it_concerns(loaded, request);
    loaded
        .policy()
        .ok()
        .and_then(|policy| policy.tier(&request.tier))
        .map(|tier| named.named(&tier.fallback))
        .unwrap_or_default()
}
