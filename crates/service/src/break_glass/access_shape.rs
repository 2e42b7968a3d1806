//! Judges access in an emergency before anything is written: it begins with a refusal, and is for just what was refused.

use super::ground::{Ground, confirmed, team_of, texts};
use crate::access_requests::exclusions;
use crate::approvals::{answers_for, concerned, resolved};
use crate::opt_outs::exclude_beneficiaries;
use crate::post_reviews::levels;
use crate::snapshot::Loaded;
use crate::{FieldError, ServiceError};
use chrono::TimeDelta;
use domain::approval::{Exclusion, Exclusions};
use domain::break_glass::REFUSED_WITHIN_SECS;
use domain::decision::{Decision, Evaluation, Input, Purpose};
use domain::directory::Directory;
use domain::id::{ClientId, DecisionId};
use domain::name::{Capability, PersonId};
use domain::opt_out::Direction;
use domain::outcome::Outcome;
use domain::principal::PrincipalRef;
use domain::resource::{ROLE_CAPABILITY, ROLE_TYPE, ResourceRef};
use domain::scope::Coverage;
use domain::window::Instant;
use policy::OutOfReach;
use std::collections::BTreeSet;

/// What somebody fills in to get what was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyInput {
    /// What was refused.
    pub decision: DecisionId,
    /// The resource's name, typed.
    pub confirmation: String,
    /// Why.
    pub reason: String,
    /// The incident's id.
    pub incident: String,
    /// How long, in seconds; absent: an hour, or what is left to the team.
    pub length_secs: Option<i64>,
}

/// An input that says something, with what it reaches.
pub(super) struct Wanted {
    pub(super) refusal: Decision,
    pub(super) client: ClientId,
    /// Judged again now.
    pub(super) evaluation: Evaluation,
    pub(super) ground: Ground,
}

/// Reads an input against policy and directory. Errors name every field that is wrong.
pub(super) fn wanted(
    who: &PersonId,
    loaded: &Loaded,
    refusal: Option<Decision>,
    input: &EmergencyInput,
    now: Instant,
) -> Result<Wanted, ServiceError> {
    let directory = loaded.directory();
    let team = team_of(who, loaded)?;
    let mut errors = Vec::new();
    let refusal = refusal.filter(|refusal| is_one_s_own(directory, &refusal.input.principal, who));
    let texts = texts(&input.reason, &input.incident, &mut errors);
    let (refusal, client) = match openable(refusal, now) {
        Ok(found) => found,
        Err(error) => {
            errors.push(error);
            return Err(ServiceError::Invalid(errors));
        }
    };
    confirmed(&refusal.input.resource, &input.confirmation, &mut errors);
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    let evaluation = again(loaded, refusal.input.clone(), now)?;
    let what = (&refusal.input.resource, &refusal.input.capability);
    reachable(loaded, what, &evaluation)?;
    let tier = loaded
        .policy()?
        .tier(&evaluation.tier)
        .ok_or_else(|| ServiceError::internal(format!("no tier {}", evaluation.tier)))?
        .clone();
    let owner = directory
        .resources
        .get(&refusal.input.resource)
        .map(|found| &found.team);
    let concerned = concerned(directory, owner, Some(who));
    let excluded = not_deciding(loaded, who, &refusal.input);
    Ok(Wanted {
        ground: Ground {
            resources: BTreeSet::from([refusal.input.resource.clone()]),
            plan: resolved(&tier.access_stages, &concerned),
            fallback: concerned.named(&tier.fallback),
            levels: levels(loaded.electors(), &tier, &concerned, &excluded),
            team,
            tier,
            excluded,
            texts,
        },
        evaluation,
        client,
        refusal,
    })
}

/// Whether it is of this person, or of a workload that they answer for.
pub(crate) fn is_one_s_own(directory: &Directory, principal: &PrincipalRef, who: &PersonId) -> bool {
    principal.person().as_ref() == Some(who)
        || (principal.person().is_none() && answers_for(directory, principal, who))
}

/// A refusal that needs a person, and is not too long ago. What is not there and what may not be seen are told apart by
/// nothing.
pub(super) fn openable(refusal: Option<Decision>, now: Instant) -> Result<(Decision, ClientId), FieldError> {
    let refuse = |code, message: &str| FieldError::new("decision", code, message);
    let Some(refusal) = refusal else {
        return Err(refuse(
            "unknown",
            "Choose what was refused to you, or to a workload that you answer for.",
        ));
    };
    if refusal.evaluation.answer || refusal.evaluation.effective != Outcome::Review {
        return Err(refuse("not_a_refusal", "This did not wait for a person."));
    }
    let Some(client) = refusal.input.client else {
        return Err(refuse(
            "not_a_refusal",
            "Nobody was refused by it: it was tried only.",
        ));
    };
    if now - refusal.at >= TimeDelta::seconds(REFUSED_WITHIN_SECS) {
        return Err(refuse(
            "too_old",
            "This was refused more than 24 hours ago: ask again first.",
        ));
    }
    Ok((refusal, client))
}

/// What comes of it now, without any grant that it named.
pub(super) fn again(loaded: &Loaded, asked: Input, now: Instant) -> Result<Evaluation, ServiceError> {
    let asked = Input {
        purpose: Purpose::Preview,
        approval: None,
        ..asked
    };
    Ok(policy::evaluate(
        loaded.snapshot()?,
        &asked,
        now,
        &policy::Without::nothing(),
    ))
}

/// Whether an emergency reaches it.
pub(crate) fn reachable(
    loaded: &Loaded,
    (resource, capability): (&ResourceRef, &Capability),
    evaluation: &Evaluation,
) -> Result<(), ServiceError> {
    let conflict = |code, why: String| Err(ServiceError::Conflict { code, why });
    match policy::in_emergency(loaded.policy()?, evaluation) {
        Ok(_) if resource.kind == ROLE_TYPE && capability.as_str() == ROLE_CAPABILITY => conflict(
            "not_for_roles",
            "A role opens more than what was refused. Break the glass for what you need it for.".to_owned(),
        ),
        Ok(_) => Ok(()),
        Err(OutOfReach::Automated) => conflict(
            "automated",
            "Policy grants this without a person now: ask again.".to_owned(),
        ),
        Err(OutOfReach::Denied) => conflict(
            "denied",
            "Policy denies this now, and access opens no denial. If a rule that is marked for emergencies denies it, break \
             that rule instead."
                .to_owned(),
        ),
        Err(OutOfReach::TakenOut) => conflict(
            "taken_out",
            "An opt-out has taken this out of the automation, and an emergency overrides none: its approvers decide."
                .to_owned(),
        ),
        Err(OutOfReach::Held(rules)) if rules.is_empty() => conflict(
            "not_for_emergencies",
            "No rule lets this be granted without a person, in an emergency neither.".to_owned(),
        ),
        Err(OutOfReach::Held(rules)) => {
            let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
            conflict(
                "not_for_emergencies",
                format!("This holds in an emergency too: {}.", rules.join(", ")),
            )
        }
    }
}

/// Who breaks it; for whom; and whoever started or answers for the workload that it is for.
fn not_deciding(loaded: &Loaded, who: &PersonId, refused: &Input) -> Exclusions {
    let directory = loaded.directory();
    let mut excluded = Exclusions::default();
    excluded.add(who.clone(), Exclusion::Requester);
    let initiator = crate::access_requests::initiator(directory, refused);
    let mut excluded = excluded.union(&exclusions(loaded, &refused.principal, initiator.as_ref()));
    let covered = Coverage {
        principals: Some(BTreeSet::from([refused.principal.clone()])),
        ..Coverage::default()
    };
    exclude_beneficiaries(&mut excluded, directory, Direction::Bypass, &covered);
    excluded
}
