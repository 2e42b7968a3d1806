//! Judges a bypass in an emergency before anything is written.

use super::ground::{Ground, confirmed, team_of, texts};
use crate::approvals::{concerned, owners_of_workload, resolved};
use crate::opt_outs::{exclude_beneficiaries, teams};
use crate::post_reviews::levels;
use crate::snapshot::Loaded;
use crate::{FieldError, ServiceError};
use domain::approval::{Exclusion, Exclusions};
use domain::name::{Capability, PersonId, RuleId, TeamName};
use domain::opt_out::{Direction, PinnedRule};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope};
use domain::window::Instant;
use std::collections::BTreeSet;

/// What somebody fills in while something burns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakGlassInput {
    /// On what.
    pub resource: ResourceRef,
    /// Its name, typed: nobody breaks the glass on the wrong one by a slip.
    pub confirmation: String,
    /// For whom: the person themself, or a workload that they answer for.
    pub principal: PrincipalRef,
    /// To do what; absent: whatever.
    pub capability: Option<Capability>,
    /// Out of which rules.
    pub rules: BTreeSet<RuleId>,
    /// Why.
    pub reason: String,
    /// The incident's id.
    pub incident: String,
    /// How long, in seconds; absent: an hour, or what is left to the team.
    pub length_secs: Option<i64>,
}

/// An input that says something.
pub(super) struct Shape {
    pub(super) scope: Scope,
    pub(super) coverage: Coverage,
    pub(super) pinned: Vec<PinnedRule>,
    /// The teams that own what it covers.
    pub(super) teams: BTreeSet<TeamName>,
    pub(super) ground: Ground,
}

/// Reads an input against policy and directory. Errors name every field that is wrong.
pub(super) fn shape(
    who: &PersonId,
    loaded: &Loaded,
    input: &BreakGlassInput,
    now: Instant,
) -> Result<Shape, ServiceError> {
    let directory = loaded.directory();
    let team = team_of(who, loaded)?;
    let mut errors = Vec::new();
    if !directory.resources.contains_key(&input.resource) {
        errors.push(FieldError::new(
            "resource",
            "unknown",
            format!("There is no {}.", input.resource),
        ));
    }
    confirmed(&input.resource, &input.confirmation, &mut errors);
    if input.principal != PrincipalRef::from(who.clone())
        && !owners_of_workload(directory, &input.principal).contains(who)
    {
        errors.push(FieldError::new(
            "principal",
            "not_yours",
            "You can break the glass for yourself, or for a workload that you answer for.",
        ));
    }
    let pinned = pinned(loaded, &input.rules, &mut errors)?;
    let texts = texts(&input.reason, &input.incident, &mut errors);
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }

    let scope = Scope {
        principals: Some(BTreeSet::from([PrincipalSelector::Id(input.principal.clone())])),
        resources: Some(BTreeSet::from([ResourceSelector::Id(input.resource.clone())])),
        capabilities: input.capability.clone().map(|one| BTreeSet::from([one])),
        rules: input.rules.clone(),
    };
    let view = loaded.view()?;
    let coverage = Coverage::of(&scope, view.all_principal_facts(), view.all_resource_facts());
    let tier = policy::evaluate::scope_tier(loaded.snapshot()?, &scope, now).clone();
    let teams = teams(directory, &coverage);
    let concerned = concerned(directory, &teams, Some(who));
    let mut excluded = Exclusions::default();
    excluded.add(who.clone(), Exclusion::Requester);
    exclude_beneficiaries(&mut excluded, directory, Direction::Bypass, &coverage);
    Ok(Shape {
        ground: Ground {
            resources: coverage.resources.clone().unwrap_or_default(),
            plan: resolved(&tier.opt_out_stages, &concerned),
            fallback: concerned.named(&tier.fallback),
            levels: levels(loaded.electors(), &tier, &concerned, &excluded),
            team,
            tier,
            excluded,
            texts,
        },
        scope,
        coverage,
        pinned,
        teams,
    })
}

/// Only rules that their authors marked for emergencies: all others hold in an emergency too.
fn pinned(
    loaded: &Loaded,
    rules: &BTreeSet<RuleId>,
    errors: &mut Vec<FieldError>,
) -> Result<Vec<PinnedRule>, ServiceError> {
    let policy = loaded.policy()?;
    let mut refuse = |code, message| errors.push(FieldError::new("rules", code, message));
    if rules.is_empty() {
        refuse("missing", "Choose the rule that stands in the way.".to_owned());
    }
    let mut pinned = Vec::new();
    for id in rules {
        match policy.rule(id) {
            None => refuse("unknown", format!("There is no rule {id}.")),
            Some(rule) if rule.exemptible.by_break_glass() => pinned.push(PinnedRule {
                id: id.clone(),
                body_digest: rule.body_digest,
            }),
            Some(_) => refuse(
                "not_for_emergencies",
                format!("The rule {id} holds in an emergency too."),
            ),
        }
    }
    Ok(pinned)
}
