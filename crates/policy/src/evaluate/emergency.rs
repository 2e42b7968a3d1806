//! What an emergency reaches: only what marked rules alone keep from being granted without a person.

use super::outcome::combine;
use crate::version::PolicyVersion;
use domain::decision::{Evaluation, Matches};
use domain::name::RuleId;
use domain::opt_out::Direction;
use domain::outcome::Outcome;
use domain::rule::Question;
use std::collections::{BTreeMap, BTreeSet};

/// Why an emergency does not open something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutOfReach {
    /// It is granted without a person as it is.
    Automated,
    /// It is denied: nobody can grant it.
    Denied,
    /// A `to_manual` has taken it out of the automation: an emergency overrides none.
    TakenOut,
    /// Rules that no author marked for emergencies ask for a person; where there are none, no rule permits it without one.
    Held(Vec<RuleId>),
}

/// The marked rules that an emergency would be out of, where these are all that keeps it from being granted without a
/// person.
pub fn in_emergency(policy: &PolicyVersion, evaluation: &Evaluation) -> Result<Vec<RuleId>, OutOfReach> {
    let exempt = evaluation
        .applied
        .iter()
        .flat_map(|applied| &applied.rules)
        .collect();
    let taken_out = evaluation
        .applied
        .iter()
        .any(|applied| applied.direction == Direction::ToManual);
    reach(policy, &evaluation.matches, &exempt, taken_out)
}

/// The same of what is being evaluated. `exempt` are the rules that bypasses take out.
pub(super) fn reach(
    policy: &PolicyVersion,
    matches: &BTreeMap<Question, Matches>,
    exempt: &BTreeSet<&RuleId>,
    taken_out: bool,
) -> Result<Vec<RuleId>, OutOfReach> {
    let outcome = combine(matches, exempt);
    if outcome == Outcome::Deny {
        return Err(OutOfReach::Denied);
    }
    // Before the rules: what it takes out is out, whatever they say.
    if taken_out {
        return Err(OutOfReach::TakenOut);
    }
    if outcome == Outcome::Automate {
        return Err(OutOfReach::Automated);
    }
    let nothing = Matches::default();
    let forbids = &matches.get(&Question::Automate).unwrap_or(&nothing).forbids;
    let (marked, held): (Vec<&RuleId>, Vec<&RuleId>) = forbids
        .iter()
        .filter(|rule| !exempt.contains(rule))
        .partition(|rule| {
            policy
                .rule(rule)
                .is_some_and(|found| found.exemptible.by_break_glass())
        });
    let without: BTreeSet<&RuleId> = exempt.iter().copied().chain(marked.iter().copied()).collect();
    match combine(matches, &without) {
        Outcome::Automate => Ok(marked.into_iter().cloned().collect()),
        Outcome::Review | Outcome::Deny => Err(OutOfReach::Held(held.into_iter().cloned().collect())),
    }
}
