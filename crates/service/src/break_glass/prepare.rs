//! Judges a break-glass before anything is written: what it reaches, who is skipped, who looks at it afterwards.

use crate::approvals::{concerned, electorate, owners_of_workload, resolved};
use crate::opt_outs::{exclude_beneficiaries, teams};
use crate::post_reviews::{Levels, levels};
use crate::snapshot::Loaded;
use crate::{FieldError, ServiceError};
use domain::approval::{Approver, Exclusion, Exclusions, LONGEST_REASON, Plan, Quorum, Stage};
use domain::break_glass::{Effect, REASON_MIN_CHARS, Terms};
use domain::id::PostReviewId;
use domain::name::{Capability, PersonId, RuleId, TeamName, is_one_line, visible_chars};
use domain::opt_out::{Direction, PinnedRule};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::rule::Exemptible;
use domain::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope};
use domain::tier::Tier;
use domain::window::{Instant, Window};
use std::collections::{BTreeMap, BTreeSet};

/// The longest incident id, in characters.
const LONGEST_INCIDENT: usize = 64;

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
    /// How long, in seconds; absent: an hour, or 15 minutes while a post-review is overdue.
    pub length_secs: Option<i64>,
}

/// What a break-glass would be.
#[derive(Debug, Clone)]
pub struct BreakGlassTerms {
    /// How long it lasts, in seconds.
    pub length_secs: i64,
    /// Whether a second person has to vote first.
    pub effect: Effect,
    /// The longest, and what is left at once.
    pub terms: Terms,
    /// The post-review that makes it shorter.
    pub overdue: Option<PostReviewId>,
    /// The strictest tier that it covers.
    pub tier: Tier,
    /// Who would have decided, and is told.
    pub skipped: BTreeSet<PersonId>,
    /// Who looks at it afterwards.
    pub reviewers: BTreeSet<Approver>,
}

/// An input that says something.
pub(super) struct Shape {
    pub(super) scope: Scope,
    pub(super) coverage: Coverage,
    pub(super) resources: BTreeSet<ResourceRef>,
    pub(super) tier: Tier,
    pub(super) pinned: Vec<PinnedRule>,
    /// The teams that own what it covers.
    pub(super) teams: BTreeSet<TeamName>,
    /// The team of who breaks it.
    pub(super) team: TeamName,
    /// What the tier asks for, and is skipped.
    pub(super) plan: Plan,
    /// Whom the tier asks where too few are left.
    pub(super) fallback: Vec<Approver>,
    pub(super) excluded: Exclusions,
    pub(super) levels: Levels,
    pub(super) incident: String,
    pub(super) reason: String,
}

/// What a team has used, and what it owes.
pub(super) struct Hours {
    pub(super) spells: BTreeMap<ResourceRef, Vec<Window>>,
    pub(super) overdue: Option<PostReviewId>,
}

/// Reads an input against policy and directory. Errors name every field that is wrong.
pub(super) fn shape(
    who: &PersonId,
    loaded: &Loaded,
    input: &BreakGlassInput,
    now: Instant,
) -> Result<Shape, ServiceError> {
    let directory = loaded.directory();
    let me = PrincipalRef::from(who.clone());
    let Some(person) = directory.principals.get(&me) else {
        return Err(ServiceError::Forbidden {
            code: "unknown_person",
            why: "The directory does not know you any more.".to_owned(),
        });
    };
    let mut errors = Vec::new();
    if !directory.resources.contains_key(&input.resource) {
        errors.push(FieldError::new(
            "resource",
            "unknown",
            format!("There is no {}.", input.resource),
        ));
    }
    if input.confirmation.trim() != input.resource.id {
        errors.push(FieldError::new(
            "confirmation",
            "not_confirmed",
            format!("Type its name to confirm: {}", input.resource.id),
        ));
    }
    if input.principal != me && !owners_of_workload(directory, &input.principal).contains(who) {
        errors.push(FieldError::new(
            "principal",
            "not_yours",
            "You can break the glass for yourself, or for a workload that you answer for.",
        ));
    }
    let pinned = pinned(loaded, &input.rules, &mut errors)?;
    let (reason, incident) = texts(input, &mut errors);
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
        resources: coverage.resources.clone().unwrap_or_default(),
        plan: resolved(&tier.opt_out_stages, &concerned),
        fallback: concerned.named(&tier.fallback),
        levels: levels(directory, &tier, &concerned, &excluded),
        team: person.team.clone(),
        scope,
        coverage,
        tier,
        pinned,
        teams,
        excluded,
        incident,
        reason,
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
            Some(rule) => match rule.exemptible {
                Exemptible::BreakGlass => pinned.push(PinnedRule {
                    id: id.clone(),
                    body_digest: rule.body_digest,
                }),
                Exemptible::Bypass | Exemptible::No => refuse(
                    "not_for_emergencies",
                    format!("The rule {id} holds in an emergency too."),
                ),
            },
        }
    }
    Ok(pinned)
}

fn texts(input: &BreakGlassInput, errors: &mut Vec<FieldError>) -> (String, String) {
    let (reason, incident) = (input.reason.trim(), input.incident.trim());
    if visible_chars(reason) < REASON_MIN_CHARS {
        errors.push(FieldError::new(
            "reason",
            "reason_too_short",
            format!("Say in at least {REASON_MIN_CHARS} characters what is wrong."),
        ));
    }
    if reason.chars().count() > LONGEST_REASON {
        errors.push(FieldError::new(
            "reason",
            "reason_too_long",
            format!("At most {LONGEST_REASON} characters."),
        ));
    }
    if visible_chars(incident) == 0 {
        errors.push(FieldError::new(
            "incident",
            "incident_missing",
            "Name the incident: its id in your tracker.",
        ));
    }
    if !is_one_line(incident) || incident.chars().count() > LONGEST_INCIDENT {
        errors.push(FieldError::new(
            "incident",
            "incident_unreadable",
            format!("An incident’s id stands on one line and has at most {LONGEST_INCIDENT} characters."),
        ));
    }
    (reason.to_owned(), incident.to_owned())
}

/// How long it may be, and whether a second person votes first: by the resource of which the team has used the most.
pub(super) fn terms(
    shape: &Shape,
    loaded: &Loaded,
    hours: &Hours,
    asked_secs: Option<i64>,
    now: Instant,
) -> Result<BreakGlassTerms, ServiceError> {
    let overdue = hours.overdue.is_some();
    let terms = hours
        .spells
        .values()
        .map(|spells| Terms::at(spells, overdue, now))
        .min_by_key(|terms| terms.left_secs)
        .unwrap_or_else(|| Terms::at(&[], overdue, now));
    let (length_secs, effect) = terms
        .judge(asked_secs)
        .map_err(|error| ServiceError::field("length_secs", "length", error.to_string()))?;
    let directory = loaded.directory();
    Ok(BreakGlassTerms {
        length_secs,
        effect,
        terms,
        overdue: hours.overdue,
        tier: shape.tier.clone(),
        skipped: electorate(directory, &shape.plan, &shape.excluded)
            .into_iter()
            .map(|(person, _)| person)
            .collect(),
        reviewers: shape.levels.first.clone(),
    })
}

/// One vote of anybody whom the tier's own plan asks at all.
pub(crate) fn second_person(asked: &Plan) -> Plan {
    let of: BTreeSet<Approver> = asked.stages.iter().flat_map(Stage::asks).collect();
    Plan {
        stages: vec![Stage::new(
            "A second person",
            Quorum::AtLeast {
                n: 1,
                of: of.into_iter().collect(),
            },
        )],
    }
}
