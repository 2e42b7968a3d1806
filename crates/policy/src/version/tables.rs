//! `tiers.toml` and `scenarios.toml`.

use super::files::{SCENARIOS, TIERS};
use super::{Problem, rules::Rule};
use domain::approval::{Plan, Stage};
use domain::opt_out::{Detail, Direction};
use domain::rule::Exemptible;
use domain::scenario::{Category, Scenario};
use domain::tier::{Lengths, Tier};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TiersFile {
    tiers: Vec<Tier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenariosFile {
    scenarios: Vec<Scenario>,
}

fn parse<T: DeserializeOwned>(
    files: &BTreeMap<String, String>,
    file: &str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let text = files.get(file)?;
    match toml::from_str(text) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            problems.push(Problem::new(
                file,
                None,
                format!("line {line}: {}", error.message()),
            ));
            None
        }
    }
}

fn check_lengths(file: &str, what: &str, lengths: Lengths, problems: &mut Vec<Problem>) {
    if lengths.default_secs <= 0 || lengths.default_secs > lengths.longest_secs {
        problems.push(Problem::new(
            file,
            None,
            format!("{what}: `default_secs` must be positive and at most `longest_secs`"),
        ));
    }
}

/// The tiers, laxest first.
pub(crate) fn tiers(files: &BTreeMap<String, String>, problems: &mut Vec<Problem>) -> Vec<Tier> {
    let Some(TiersFile { mut tiers }) = parse(files, TIERS, problems) else {
        return Vec::new();
    };
    tiers.sort_by(|one, two| one.rank.cmp(&two.rank).then_with(|| one.name.cmp(&two.name)));
    let mut problem = |message: String| problems.push(Problem::new(TIERS, None, message));
    if tiers.is_empty() {
        problem("there must be at least one tier".to_owned());
    }
    let (mut names, mut ranks) = (BTreeSet::new(), BTreeSet::new());
    for tier in &tiers {
        let name = &tier.name;
        if !names.insert(name) {
            problem(format!("tier {name} is there twice"));
        }
        if !ranks.insert(tier.rank) {
            problem(format!(
                "tier {name} has the rank {}, which another has too",
                tier.rank
            ));
        }
        let plans = [
            ("access_stages", &tier.access_stages),
            ("opt_out_stages", &tier.opt_out_stages),
        ];
        let what = format!("tier {name}");
        for (field, stages) in plans {
            check_plan(&what, field, stages, &mut problem);
        }
        if !tier.extra_stages.is_empty() {
            check_plan(&what, "extra_stages", &tier.extra_stages, &mut problem);
        }
        let positive = [
            ("access_lapse_secs", tier.access_lapse_secs),
            ("opt_out_lapse_secs", tier.opt_out_lapse_secs),
            ("groups_fresh_secs", tier.groups_fresh_secs),
        ];
        for (field, secs) in positive {
            if secs <= 0 {
                problem(format!("tier {name}: `{field}` must be positive"));
            }
        }
        if tier.step_up && tier.bulk_approve {
            problem(format!(
                "tier {name}: `bulk_approve` and `step_up` exclude each other: a fresh sign-in is for one vote"
            ));
        }
        if tier.review.as_ref().is_some_and(|review| review.within_secs <= 0) {
            problem(format!("tier {name}: review: `within_secs` must be positive"));
        }
        for line in &tier.may_opt_out {
            if line.longest_secs <= 0 {
                problem(format!(
                    "tier {name}: group {}: `longest_secs` must be positive",
                    line.group
                ));
            }
        }
    }
    for tier in &tiers {
        check_lengths(TIERS, &format!("tier {}: grant", tier.name), tier.grant, problems);
    }
    tiers
}

fn check_plan(what: &str, field: &str, stages: &[Stage], problem: &mut impl FnMut(String)) {
    let plan = Plan {
        stages: stages.to_vec(),
    };
    if let Err(error) = plan.check() {
        problem(format!("{what}: `{field}`: {error}"));
    }
}

/// A budget that is used up asks for one stage more. It is allowed to name none (the last stage is asked once more), but
/// hardly meant.
pub(crate) fn lint_budgets(tiers: &[Tier], lints: &mut Vec<Problem>) {
    for tier in tiers {
        if tier.budget.is_some() && tier.extra_stages.is_empty() {
            let message = format!(
                "tier {}: it has a `budget` and no `extra_stages`, so an empty one asks the last stage once more",
                tier.name
            );
            lints.push(Problem::new(TIERS, None, message));
        }
    }
}

/// The scenarios, in the file's order.
pub(crate) fn scenarios(
    files: &BTreeMap<String, String>,
    tiers: &[Tier],
    rules: &[Rule],
    problems: &mut Vec<Problem>,
    lints: &mut Vec<Problem>,
) -> Vec<Scenario> {
    let Some(ScenariosFile { scenarios }) = parse(files, SCENARIOS, problems) else {
        return Vec::new();
    };
    let mut ids = BTreeSet::new();
    for scenario in &scenarios {
        let id = &scenario.id;
        let mut problem = |message: String| problems.push(Problem::new(SCENARIOS, None, message));
        if !ids.insert(id) {
            problem(format!("scenario {id} is there twice"));
        }
        if scenario.directions.is_empty() {
            problem(format!("scenario {id} names no direction"));
        }
        if !scenario.rules.is_empty() && !scenario.directions.contains(&Direction::Bypass) {
            problem(format!("scenario {id} names rules, but allows no bypass"));
        }
        for name in &scenario.tiers {
            if !tiers.iter().any(|tier| tier.name == *name) {
                problem(format!(
                    "scenario {id} names the tier {name}, which does not exist"
                ));
            }
        }
        for name in &scenario.rules {
            match rules.iter().find(|rule| rule.summary.id == *name) {
                None => problem(format!(
                    "scenario {id} names the rule {name}, which does not exist"
                )),
                Some(rule) if rule.summary.exemptible == Exemptible::No => problem(format!(
                    "scenario {id} names the rule {name}, which is not marked `@exemptible`"
                )),
                Some(rule) if !rule.summary.exemptible.by_bypass() => problem(format!(
                    "scenario {id} names the rule {name}, which only break-glass may take out"
                )),
                Some(_) => {}
            }
        }
        check_age(scenario, &mut problem);
        check_conditions(scenario, &mut problem);
        check_details(scenario, &mut problem);
        if !scenario.further_stages.is_empty() {
            let what = format!("scenario {id}");
            check_plan(&what, "further_stages", &scenario.further_stages, &mut problem);
        }
        check_lengths(
            SCENARIOS,
            &format!("scenario {id}: length"),
            scenario.length,
            problems,
        );
        lint_mitigated(scenario, lints);
    }
    scenarios
}

/// One opt-out alone must fit into the age of all.
fn check_age(scenario: &Scenario, problem: &mut impl FnMut(String)) {
    let id = &scenario.id;
    if scenario
        .cumulative_secs
        .is_some_and(|age| age < scenario.length.longest_secs)
    {
        problem(format!(
            "scenario {id}: `cumulative_secs` must be at least `longest_secs` of its length"
        ));
    }
}

/// What ends with its incident names one, and only a bypass does.
fn check_conditions(scenario: &Scenario, problem: &mut impl FnMut(String)) {
    let id = &scenario.id;
    if let Some(bound) = scenario.incident_bound {
        if bound.grace_secs < 0 {
            problem(format!(
                "scenario {id}: incident_bound: `grace_secs` must not be negative"
            ));
        }
        if !scenario.required.contains(&Detail::IncidentId) {
            problem(format!(
                "scenario {id}: `incident_bound` needs incident_id in `required`"
            ));
        }
        if !scenario.directions.contains(&Direction::Bypass) {
            problem(format!(
                "scenario {id}: `incident_bound` is for a bypass, which it does not allow"
            ));
        }
    }
    if scenario.premise_grace_secs.is_some_and(|secs| secs < 0) {
        problem(format!(
            "scenario {id}: `premise_grace_secs` must not be negative"
        ));
    }
}

fn check_details(scenario: &Scenario, problem: &mut impl FnMut(String)) {
    let id = &scenario.id;
    let mut seen = BTreeSet::new();
    for detail in &scenario.required {
        if !seen.insert(detail) {
            problem(format!(
                "scenario {id}: `required` names {} twice",
                detail.as_str()
            ));
        }
        if !scenario
            .directions
            .iter()
            .any(|direction| detail.is_for(*direction))
        {
            problem(format!(
                "scenario {id}: `required` names {}, which only a bypass is asked for",
                detail.as_str()
            ));
        }
    }
    if scenario.required.contains(&Detail::CompensatingControl) && scenario.category == Category::Waiver {
        problem(format!(
            "scenario {id}: a waiver accepts the risk; compensating_control belongs to `mitigated`"
        ));
    }
}

/// What is mitigated says by what.
fn lint_mitigated(scenario: &Scenario, lints: &mut Vec<Problem>) {
    let says = scenario.required.contains(&Detail::CompensatingControl);
    if scenario.category == Category::Mitigated && scenario.directions.contains(&Direction::Bypass) && !says {
        lints.push(Problem::new(
            SCENARIOS,
            None,
            format!(
                "scenario {}: it is `mitigated`, and a bypass need not say by what: require compensating_control",
                scenario.id
            ),
        ));
    }
}
