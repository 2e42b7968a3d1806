//! What an opt-out would have changed, tried on recorded inputs before it is sent.

use crate::evaluate::{Without, evaluate_with};
use crate::snapshot::Snapshot;
use domain::decision::{Evaluation, Input};
use domain::name::RuleId;
use domain::opt_out::OptOut;
use domain::outcome::Outcome;
use domain::rule::Question;
use domain::window::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most examples that are kept for each change.
pub const MOST_EXAMPLES: usize = 3;

/// A recorded input with the instant that it was decided for.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// What was asked.
    pub input: Input,
    /// When.
    pub at: Instant,
}

/// From which outcome to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    /// Without the opt-out.
    pub before: Outcome,
    /// With it.
    pub after: Outcome,
}

/// What an opt-out would have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Impact {
    /// How many inputs were tried.
    pub tried: usize,
    /// How many of them it covers, in its hours.
    pub covered: usize,
    /// The covered ones by what becomes of them; those that stay the same are there too.
    pub changes: BTreeMap<Change, usize>,
    /// For each change, the places of the first few in the list that was tried and may be shown.
    pub examples: BTreeMap<Change, Vec<usize>>,
    /// Of the covered ones that stay a review or a deny, how many each `forbid` still holds back.
    pub held_by: BTreeMap<RuleId, usize>,
}

/// Tries an opt-out on recorded inputs.
///
/// Each is evaluated for its own instant under today's rules, directory and other opt-outs, once without and once as if
/// this one were in force, whatever its state and window say, but only in the hours of the week that it has. The opt-out's own former revisions are left out.
/// Examples are those alone that `shown` allows.
pub fn impact(
    snapshot: &Snapshot,
    recorded: &[Recorded],
    supposed: &Arc<OptOut>,
    shown: impl Fn(&Recorded) -> bool,
) -> Impact {
    let without = Without::from_iter([supposed.id]);
    let mut found = Impact {
        tried: recorded.len(),
        ..Impact::default()
    };
    for (place, each) in recorded.iter().enumerate() {
        let Recorded { input, at } = each;
        if !supposed.within_hours(*at) {
            continue;
        }
        let after = evaluate_with(snapshot, input, *at, &without, Some(supposed));
        if !after.applied.iter().any(|applied| applied.opt_out == supposed.id) {
            continue;
        }
        let before = evaluate_with(snapshot, input, *at, &without, None);
        let change = Change {
            before: before.effective,
            after: after.effective,
        };
        found.covered += 1;
        *found.changes.entry(change).or_default() += 1;
        let examples = found.examples.entry(change).or_default();
        if examples.len() < MOST_EXAMPLES && shown(each) {
            examples.push(place);
        }
        for rule in holding(&after) {
            *found.held_by.entry(rule.clone()).or_default() += 1;
        }
    }
    found
}

/// The forbids that still hold an outcome back.
fn holding(evaluation: &Evaluation) -> Vec<&RuleId> {
    let question = match evaluation.effective {
        Outcome::Automate => return Vec::new(),
        Outcome::Review => Question::Automate,
        Outcome::Deny => Question::Grant,
    };
    let taken_out = |rule: &RuleId| {
        evaluation
            .applied
            .iter()
            .any(|applied| applied.rules.contains(rule))
    };
    evaluation
        .matches
        .get(&question)
        .into_iter()
        .flat_map(|matches| &matches.forbids)
        .filter(|rule| !taken_out(rule))
        .collect()
}
