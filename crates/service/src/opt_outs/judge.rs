//! Judging a pending opt-out again: under the policy, the directory and the time of a vote.

use super::fields::sentence;
use super::prepare::{exclude_beneficiaries, teams};
use crate::ServiceError;
use crate::approvals::{Asked, concerned, join, resolved, say_once};
use crate::break_glass::second_person;
use crate::command::EventDraft;
use crate::premises::{asked_about, rule_changed};
use crate::snapshot::Loaded;
use domain::approval::{Approver, Concerned, Verdict, Vote};
use domain::event::EventKind;
use domain::scope::{Coverage, ScopeError};
use domain::shown::Shown;
use domain::window::Instant;
use store::Tx;
use store::opt_outs::Stored;
use store::votes::Item;

/// Judges again under the published version and the directory as it stands: the stages of a stricter tier, of the same
/// tier in another version and of further owners join, a rule that changed stops approval, and whoever has become a
/// beneficiary since submission is excluded too.
///
/// What is covered is fixed at the last approval, so that something that the scope has grown over since submission would
/// otherwise be exempted without a word of its owners.
///
/// Whether more is asked than before.
pub(super) fn tighten(
    loaded: &Loaded,
    stored: &mut Stored,
    verdict: Verdict,
    now: Instant,
) -> Result<bool, ServiceError> {
    let policy = loaded.policy()?;
    let directory = loaded.directory();
    let anybody = ScopeError::UnboundedPrincipals;
    if verdict == Verdict::Approve && stored.opt_out.scope.check(stored.opt_out.direction) == Err(anybody) {
        // From before a bypass had to say so: whoever votes would be exempted by it.
        return Err(ServiceError::field(
            "scope/principals",
            "scope",
            sentence(&anybody),
        ));
    }
    if verdict == Verdict::Approve && !stored.opt_out.pins_asked_about_hold(policy.rule_texts()) {
        return Err(rule_changed());
    }
    let covers = exclude(loaded, stored)?;
    let tier = policy::evaluate::scope_tier(loaded.snapshot()?, &stored.opt_out.scope, now);
    let frozen = policy.tier(&stored.opt_out.tier).map(|frozen| frozen.rank);
    let stricter = frozen.is_none_or(|frozen| tier.rank > frozen);
    let changed = frozen == Some(tier.rank) && policy.digest() != stored.policy_digest;
    let concerned = teams(directory, &covers);
    let further = !concerned.is_subset(&stored.opt_out.teams);
    if !(stricter || changed || further) {
        return Ok(false);
    }
    stored.opt_out.teams.extend(concerned);
    let stages = if stricter || changed {
        stored.opt_out.tier = tier.name.clone();
        stored.opt_out.tier_rank = tier.rank;
        &tier.opt_out_stages
    } else {
        // A laxer tier asks less: the further owners are asked as the tier of submission has it.
        policy
            .tier(&stored.opt_out.tier)
            .map_or(&tier.opt_out_stages, |frozen| &frozen.opt_out_stages)
    };
    let concerned = whom_it_concerns(loaded, stored);
    if stored.opt_out.break_glass.is_some() {
        // An emergency waits for one second person, of those whom the tier asks by now, and never for all of them.
        stored.plan = second_person(&resolved(stages, &concerned));
        return Ok(true);
    }
    stored.plan = stored.plan.union(&resolved(stages, &concerned));
    if (stricter || changed)
        && let Some(scenario) = policy.scenario(&stored.opt_out.scenario)
    {
        let all = tier.stages_of_opt_out(scenario, stored.opt_out.causes.len());
        let further = all.get(tier.opt_out_stages.len()..).unwrap_or_default();
        let own = tier.opt_out_stages.len();
        stored.plan = stored
            .plan
            .clone()
            .with_each_of(&resolved(further, &concerned), own);
    }
    Ok(true)
}

/// Adds everybody whom it would exempt by now; whoever was excluded before stays so. What it covers by now.
pub(crate) fn exclude(loaded: &Loaded, stored: &mut Stored) -> Result<Coverage, ServiceError> {
    let view = loaded.view()?;
    let covers = Coverage::of(
        &stored.opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    let direction = stored.opt_out.direction;
    exclude_beneficiaries(&mut stored.excluded, loaded.directory(), direction, &covers);
    Ok(covers)
}

/// The owners of what it covers, and the manager of who asked.
fn whom_it_concerns(loaded: &Loaded, stored: &Stored) -> Concerned {
    let opt_out = &stored.opt_out;
    concerned(loaded.directory(), &opt_out.teams, opt_out.requested_by.person())
}

/// Lets everybody join whose time has come, whether a worker has said so or not.
pub(crate) fn joined(loaded: &Loaded, stored: &mut Stored, votes: &[Vote], now: Instant) -> Vec<EventDraft> {
    let fallback = fallback(loaded, stored);
    let asked = Asked {
        excluded: &stored.excluded,
        votes,
        requested_at: stored.opt_out.asked_since(),
        fallback: &fallback,
    };
    let joined = join(loaded.electors(), &mut stored.plan, asked, now);
    joined
        .iter()
        .map(|joined| super::joined_event(stored, joined))
        .collect()
}

/// Says once that nobody can decide it, where that is so: the votes that were cast may have made it so.
pub(crate) async fn nobody_left(
    tx: &mut Tx,
    loaded: &Loaded,
    stored: &Stored,
    votes: &[Vote],
    now: Instant,
) -> Result<Option<EventDraft>, ServiceError> {
    let asked = Asked {
        excluded: &stored.excluded,
        votes,
        requested_at: stored.opt_out.asked_since(),
        fallback: &fallback(loaded, stored),
    };
    let why = crate::approvals::nobody_left(loaded.electors(), &stored.plan, asked);
    let said = |body| super::event(EventKind::OptOutNobodyLeft, stored, body);
    say_once(tx, Item::OptOut(stored.opt_out.id.uuid()), why, said, now).await
}

/// The same of an opt-out as the next vote will judge it: a policy or a directory may ask more by now.
pub(crate) async fn nobody_left_by_now(
    tx: &mut Tx,
    loaded: &Loaded,
    stored: &Stored,
    votes: &[Vote],
    now: Instant,
) -> Result<Option<EventDraft>, ServiceError> {
    let mut judged = stored.clone();
    tighten(loaded, &mut judged, Verdict::Deny, now)?;
    joined(loaded, &mut judged, votes, now);
    nobody_left(tx, loaded, &judged, votes, now).await
}

/// Whom its tier asks where too few are left.
fn fallback(loaded: &Loaded, stored: &Stored) -> Vec<Approver> {
    let named = whom_it_concerns(loaded, stored);
    loaded
        .policy()
        .ok()
        .and_then(|policy| policy.tier(&stored.opt_out.tier))
        .map(|tier| named.named(&tier.fallback))
        .unwrap_or_default()
}

/// What an approver is shown of an opt-out that was judged again.
pub(super) fn shown(loaded: &Loaded, judged: &Stored) -> Result<Shown, ServiceError> {
    let view = loaded.view()?;
    let covers = Coverage::of(
        &judged.opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    let policy = loaded.policy()?;
    Ok(Shown::of_opt_out(
        &judged.opt_out,
        (&judged.plan, &judged.excluded),
        &covers,
        judged.scheduled,
        policy.digest(),
    )
    .with_changed_rules(asked_about(policy, &judged.opt_out)))
}
