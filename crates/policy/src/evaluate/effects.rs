//! What each opt-out did to the outcome, by the record of an evaluation alone.

use super::outcome::combine;
use domain::decision::{Applied, Evaluation, UseEffect};
use domain::name::RuleId;
use domain::opt_out::Direction;
use domain::outcome::Outcome;
use std::collections::BTreeSet;

/// What each of `evaluation.applied` did, in its order: whether the outcome would have been another had this one not applied,
/// and all the others had.
///
/// A rule that two bypasses take out is taken out by both: neither is idle because there is the other. Where a `to_manual`
/// asked for a person anyway, a bypass that changes nothing is not seen to be idle: it is hidden.
pub fn effects(evaluation: &Evaluation) -> Vec<UseEffect> {
    let applied = &evaluation.applied;
    if applied.is_empty() {
        return Vec::new();
    }
    let any_to_manual = applied
        .iter()
        .any(|applied| applied.direction == Direction::ToManual);
    let taken_out: BTreeSet<&RuleId> = applied.iter().flat_map(|applied| &applied.rules).collect();
    let with_bypasses = combine(&evaluation.matches, &taken_out);
    let outcome = |bypassed: Outcome| match any_to_manual {
        true => bypassed.stricter(Outcome::Review),
        false => bypassed,
    };
    let effect = |applied: &Applied| match applied.direction {
        Direction::ToManual if with_bypasses.stricter(Outcome::Review) != with_bypasses => UseEffect::Changed,
        Direction::ToManual => UseEffect::None,
        Direction::Bypass => {
            let others: BTreeSet<&RuleId> = taken_out
                .iter()
                .filter(|rule| !applied.rules.contains(rule))
                .copied()
                .collect();
            if outcome(combine(&evaluation.matches, &others)) != outcome(with_bypasses) {
                UseEffect::Changed
            } else if any_to_manual {
                UseEffect::Hidden
            } else {
                UseEffect::None
            }
        }
    };
    applied.iter().map(effect).collect()
}
