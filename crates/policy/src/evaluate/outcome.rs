//! From matches to an outcome.

use domain::decision::{Matches, Reason};
use domain::name::RuleId;
use domain::outcome::Outcome;
use domain::rule::Question;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a question is answered with yes, once some rules are out.
fn allows(matches: &BTreeMap<Question, Matches>, question: Question, exempt: &BTreeSet<&RuleId>) -> bool {
    matches.get(&question).is_some_and(|found| {
        !found.permits.is_empty() && found.forbids.iter().all(|rule| exempt.contains(rule))
    })
}

/// Whether a rule failed that is not out. Errors never allow.
fn failed(matches: &BTreeMap<Question, Matches>, exempt: &BTreeSet<&RuleId>) -> bool {
    matches
        .values()
        .flat_map(|found| &found.errors)
        .any(|(rule, _)| !exempt.contains(rule))
}

/// `combine(P, F∖B, E∖B)`: `deny` on any error or if it may not be granted, `review` if it may not be automated.
pub(super) fn combine(matches: &BTreeMap<Question, Matches>, exempt: &BTreeSet<&RuleId>) -> Outcome {
    if failed(matches, exempt) || !allows(matches, Question::Grant, exempt) {
        Outcome::Deny
    } else if !allows(matches, Question::Automate, exempt) {
        Outcome::Review
    } else {
        Outcome::Automate
    }
}

/// The code for the outcome.
pub(super) fn reason(
    matches: &BTreeMap<Question, Matches>,
    exempt: &BTreeSet<&RuleId>,
    effective: Outcome,
    granted: bool,
) -> Reason {
    match effective {
        Outcome::Automate => Reason::AutomatedByPolicy,
        Outcome::Review if granted => Reason::Granted,
        Outcome::Review => Reason::ApprovalRequired,
        Outcome::Deny if failed(matches, exempt) => Reason::RuleFailed,
        Outcome::Deny => {
            let refused = matches
                .get(&Question::Grant)
                .is_some_and(|found| found.forbids.iter().any(|rule| !exempt.contains(rule)));
            if refused {
                Reason::DeniedByPolicy
            } else {
                Reason::NothingPermits
            }
        }
    }
}
