//! Judges an opt-out before anything is written: shape, coverage, tier, limits, who decides.

use super::conditions::{PremiseInput, conditions};
use super::fields::{case_errors, sentence, text_errors, unknown_names, window};
use super::hours::hours_error;
use super::known::Known;
use crate::approvals::{Asked, Joined, StageProgress, concerned, join, named_owners, progress, resolved};
use crate::premises::PremiseNow;
use crate::snapshot::Loaded;
use crate::{FieldError, Service, ServiceError};
use domain::approval::{Exclusion, Exclusions};
use domain::budget::Account;
use domain::directory::Directory;
use domain::id::OptOutId;
use domain::name::{PersonId, ScenarioId, TeamName, is_one_line};
use domain::opt_out::{
    Cause, Details, Direction, Limits, Lineage, Need, OptOut, OptOutState, PinnedRule, Recurrence, limits,
};
use domain::principal::PrincipalRef;
use domain::rule::Exemptible;
use domain::scope::{Coverage, Scope};
use domain::tier::Tier;
use domain::window::Instant;
use domain::zone::Zone;
use std::collections::BTreeSet;
use store::opt_outs::Stored;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 120;

/// The most uses that can be counted: the column's size.
const MOST_USES: u32 = i32::MAX as u32;

/// What a requester fills in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOutInput {
    /// The case.
    pub scenario: ScenarioId,
    /// Which way.
    pub direction: Direction,
    /// A few words for lists.
    pub title: String,
    /// What it covers.
    pub scope: Scope,
    /// Why.
    pub reason: String,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// When it starts; absent: when it is approved.
    pub starts_at: Option<Instant>,
    /// When it ends; it or `length_secs`, else the case's default length.
    pub ends_at: Option<Instant>,
    /// How long it lasts, in seconds.
    pub length_secs: Option<i64>,
    /// The hours of the week in which it applies; absent: all of them.
    pub recurrence: Option<Recurrence>,
    /// The zone in which its times were typed.
    pub zone: Option<Zone>,
    /// The most decisions that it may apply to (bypass).
    pub max_uses: Option<u32>,
    /// What else its case asks for. What it does not ask for is left out.
    pub details: Details,
    /// What it renews.
    pub renews: Option<OptOutId>,
    /// What must hold (bypass).
    pub premise: Option<PremiseInput>,
}

/// An opt-out that could be sent as it is.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// It, not yet stored.
    pub stored: Stored,
    /// Who has joined its stages already, since too few were left.
    pub(crate) joined: Vec<Joined>,
    /// The limits that apply.
    pub limits: Limits,
    /// Its stages, with who could decide now.
    pub stages: Vec<StageProgress>,
    /// How many principals it covers; none: any.
    pub principals: Option<usize>,
    /// How many resources it covers; none: any.
    pub resources: Option<usize>,
    /// The latest end that the limits allow.
    pub latest_end: Instant,
    /// The accounts that it is charged to, as they stand before that; none for a `to_manual`.
    pub accounts: Vec<Account>,
    /// Its premise as it stands; none where it has none.
    pub premise: Option<PremiseNow>,
}

impl Service {
    /// Judges an input. Errors name every field that is wrong.
    pub(crate) fn prepare_opt_out(
        &self,
        requester: &PersonId,
        loaded: &Loaded,
        input: &OptOutInput,
        known: &Known,
        now: Instant,
    ) -> Result<Prepared, ServiceError> {
        let policy = loaded.policy()?;
        let directory = loaded.directory();
        let view = loaded.view()?;
        let mut errors = Vec::new();

        let Some(scenario) = policy.scenario(&input.scenario) else {
            return Err(ServiceError::field(
                "scenario",
                "unknown",
                "Choose one of the cases.",
            ));
        };
        if let Err(error) = input.scope.check(input.direction) {
            errors.push(FieldError::new(
                format!("scope/{}", error.field()),
                "scope",
                sentence(&error),
            ));
        }
        errors.extend(unknown_names(loaded, &input.scope));
        let mut pinned = Vec::new();
        for id in &input.scope.rules {
            match policy.rule(id) {
                None => errors.push(FieldError::new(
                    "scope/rules",
                    "unknown",
                    format!("There is no rule {id}."),
                )),
                Some(rule) if rule.exemptible == Exemptible::No => errors.push(FieldError::new(
                    "scope/rules",
                    "not_exemptible",
                    format!("Nobody can be exempted from {id}."),
                )),
                Some(rule) if !rule.exemptible.by_bypass() => errors.push(FieldError::new(
                    "scope/rules",
                    "break_glass_only",
                    format!("Only break-glass takes {id} out. Take it off, or use break-glass."),
                )),
                Some(rule) => pinned.push(PinnedRule {
                    id: id.clone(),
                    body_digest: rule.body_digest,
                }),
            }
        }
        let title = input.title.trim();
        if !is_one_line(title) {
            errors.push(FieldError::new(
                "title",
                "unprintable",
                "A title stands on one line, without characters that nobody sees.",
            ));
        } else if title.is_empty() || title.chars().count() > LONGEST_TITLE {
            errors.push(FieldError::new(
                "title",
                "title_length",
                format!("Say in a few words what it is for, in at most {LONGEST_TITLE} characters."),
            ));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }

        let coverage = Coverage::of(
            &input.scope,
            view.all_principal_facts(),
            view.all_resource_facts(),
        );
        if coverage.principals.as_ref().is_some_and(BTreeSet::is_empty) {
            errors.push(FieldError::new(
                "scope/principals",
                "covers_nothing",
                "This covers nobody now.",
            ));
        }
        if coverage.resources.as_ref().is_some_and(BTreeSet::is_empty) {
            errors.push(FieldError::new(
                "scope/resources",
                "covers_nothing",
                "This covers no resource now.",
            ));
        }
        let tier = policy::evaluate::scope_tier(loaded.snapshot()?, &input.scope, now);
        if input.direction == Direction::Bypass {
            errors.extend(too_broad(tier, &coverage));
        }
        let my_groups = directory.groups_of(&PrincipalRef::from(requester.clone()));
        let in_group =
            |group: &domain::name::GroupName| my_groups.is_some_and(|groups| groups.contains(group));
        let mut limits = match limits(tier, scenario, input.direction, &input.scope, in_group) {
            Ok(limits) => limits,
            Err(error) => {
                let field = match error.field() {
                    "rules" => "scope/rules",
                    other => other,
                };
                errors.push(FieldError::new(field, "not_allowed", sentence(&error)));
                return Err(ServiceError::Invalid(errors));
            }
        };
        let lineage = match known.renewed(input, scenario, now) {
            Ok(lineage) => lineage,
            Err(why) => {
                errors.extend(why);
                None
            }
        };
        errors.extend(known.limit(&mut limits, lineage, input.starts_at.unwrap_or(now).max(now)));
        errors.extend(text_errors(input, &limits, tier));
        errors.extend(case_errors(input, scenario, policy));
        let conditions = conditions(self, loaded, input, scenario, known, &mut errors);
        errors.extend(known.not_bounded_alike(input, &limits, &conditions));
        let window = match window(input, &limits, now) {
            Ok(window) => Some(window),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        errors.extend(window.and_then(|window| hours_error(input, window)));
        if let Some(uses) = input.max_uses {
            let most = limits.max_uses.unwrap_or(MOST_USES);
            if input.direction == Direction::ToManual {
                errors.push(FieldError::new(
                    "max_uses",
                    "not_for_to_manual",
                    "Only a bypass counts its uses.",
                ));
            } else if (uses == 0 || uses > most) && !errors.iter().any(|error| error.field == "max_uses") {
                errors.push(FieldError::new(
                    "max_uses",
                    "out_of_range",
                    format!("Between 1 and {most}."),
                ));
            }
        }
        let (Some(window), true) = (window, errors.is_empty()) else {
            return Err(ServiceError::Invalid(errors));
        };

        let teams = teams(directory, &coverage);
        let (accounts, exhausted) = match input.direction {
            Direction::Bypass => known.accounts(&teams, tier, now),
            Direction::ToManual => (Vec::new(), BTreeSet::new()),
        };
        let causes = Cause::of(
            exhausted,
            lineage.map_or(0, |lineage: Lineage| lineage.generation),
        );
        let concerned = concerned(directory, &teams, Some(requester));
        let mut plan = resolved(&tier.stages_of_opt_out(scenario, causes.len()), &concerned);
        let mut excluded = Exclusions::default();
        excluded.add(requester.clone(), Exclusion::Requester);
        exclude_beneficiaries(&mut excluded, directory, input.direction, &coverage);
        let asked = Asked {
            excluded: &excluded,
            votes: &[],
            requested_at: now,
            fallback: &concerned.named(&tier.fallback),
        };
        let joined = join(loaded.electors(), &mut plan, asked, now);
        loaded
            .electors()
            .feasible(&plan, &[], &excluded)
            .map_err(|nobody| nobody.conflict("This cannot be sent"))?;
        let lapses_at = chrono::TimeDelta::try_seconds(tier.opt_out_lapse_secs)
            .and_then(|lapse| now.checked_add_signed(lapse))
            .ok_or_else(|| ServiceError::internal("the tier's lapse is out of range"))?;
        // Whoever names an instant means it: approved late, it is shorter. Only a length runs from the approval.
        let scheduled = input.starts_at.is_some() || input.ends_at.is_some();
        let lapses_at = if scheduled {
            lapses_at.min(window.ends_at())
        } else {
            lapses_at
        };
        let latest_end = chrono::TimeDelta::try_seconds(limits.longest_secs)
            .and_then(|longest| window.starts_at().checked_add_signed(longest))
            .ok_or_else(|| ServiceError::internal("the tier's longest length is out of range"))?;
        Ok(Prepared {
            stages: progress(loaded.electors(), &plan, &excluded, &[], now),
            joined,
            principals: coverage.principals.as_ref().map(BTreeSet::len),
            resources: coverage.resources.as_ref().map(BTreeSet::len),
            latest_end,
            accounts,
            premise: conditions.premise.as_ref().map(|premise| {
                let reading = premise.read(directory, &known.facts);
                PremiseNow {
                    holds: premise.holds(&reading, now),
                    reading,
                    failed: None,
                    at: now,
                }
            }),
            stored: Stored {
                opt_out: OptOut {
                    id: OptOutId::from_uuid(self.ids().next(now)),
                    revision: 1,
                    direction: input.direction,
                    scenario: input.scenario.clone(),
                    title: title.to_owned(),
                    reason: input.reason.trim().to_owned(),
                    ticket: input.ticket.clone().filter(|ticket| !ticket.trim().is_empty()),
                    requested_by: requester.clone().into(),
                    break_glass: None,
                    details: input.details.asked_by(scenario, input.direction),
                    scope: input.scope.clone(),
                    coverage,
                    tier: tier.name.clone(),
                    tier_rank: tier.rank,
                    teams,
                    pinned,
                    window,
                    recurrence: input.recurrence.clone(),
                    // Times that were not named are in no zone; hours bring their own.
                    zone: input.zone.clone().filter(|_| scheduled),
                    state: OptOutState::Requested,
                    max_uses: match input.direction {
                        Direction::Bypass => input.max_uses.or(limits.max_uses),
                        Direction::ToManual => None,
                    },
                    requested_at: now,
                    lapses_at,
                    approved_at: None,
                    lineage,
                    causes,
                    need: Need::default(),
                    conditions,
                },
                version: 1,
                plan,
                excluded,
                policy_digest: policy.digest(),
                longest_secs: limits.longest_secs,
                scheduled,
                uses: 0,
            },
            limits,
        })
    }
}

/// What of a bypass is too broad for its tier, each beside its field.
pub(super) fn too_broad(tier: &Tier, coverage: &Coverage) -> Vec<FieldError> {
    let principals = coverage.principals.as_ref().map(BTreeSet::len);
    let resources = coverage.resources.as_ref().map(BTreeSet::len);
    tier.too_broad(principals, resources)
        .into_iter()
        .map(|error| FieldError::new(format!("scope/{}", error.field), "too_broad", sentence(&error)))
        .collect()
}

/// The teams concerned: owners of the covered resources; where any resource is covered, those of the covered principals.
pub(crate) fn teams(directory: &Directory, coverage: &Coverage) -> BTreeSet<TeamName> {
    match &coverage.resources {
        Some(resources) => resources
            .iter()
            .filter_map(|resource| directory.resources.get(resource))
            .map(|resource| resource.team.clone())
            .collect(),
        None => coverage
            .principals
            .iter()
            .flatten()
            .filter_map(|principal| directory.principals.get(principal))
            .map(|principal| principal.team.clone())
            .collect(),
    }
}

/// Adds whom a bypass would exempt: the covered persons, and the named owners of covered workloads.
pub(crate) fn exclude_beneficiaries(
    excluded: &mut Exclusions,
    directory: &Directory,
    direction: Direction,
    coverage: &Coverage,
) {
    if direction == Direction::Bypass {
        for principal in coverage.principals.iter().flatten() {
            match principal.person() {
                Some(person) => excluded.add(person, Exclusion::Beneficiary),
                None => {
                    for owner in named_owners(directory, principal) {
                        excluded.add(owner, Exclusion::WorkloadOwner);
                    }
                }
            }
        }
    }
}
