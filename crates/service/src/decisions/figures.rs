//! What is counted of decisions, for whoever watches a node.

use super::Answered;
use crate::ServiceError;
use domain::outcome::Outcome;
use metrics::{Counter, Histogram, counter, histogram};
use std::time::Instant;

/// Handles that were made once, so that counting costs an atomic addition.
#[derive(Clone)]
pub(crate) struct Figures {
    seconds: Histogram,
    automate: Counter,
    review: Counter,
    granted: Counter,
    deny: Counter,
    out_of_scope: Counter,
    unavailable: Counter,
}

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Figures").finish_non_exhaustive()
    }
}

impl Figures {
    pub(crate) fn new() -> Self {
        let of =
            |outcome, answer| counter!("spillway_decisions_total", "outcome" => outcome, "answer" => answer);
        Self {
            seconds: histogram!("spillway_decision_seconds"),
            automate: of("automate", "true"),
            review: of("review", "false"),
            granted: of("review", "true"),
            deny: of("deny", "false"),
            out_of_scope: counter!("spillway_decisions_out_of_scope_total"),
            unavailable: counter!("spillway_decisions_unavailable_total"),
        }
    }

    /// Counts one message of a client that began at an instant.
    pub(crate) fn count(&self, begun: Instant, answered: &Result<Vec<Answered>, ServiceError>) {
        self.seconds.record(begun.elapsed());
        match answered {
            Err(_) => self.unavailable.increment(1),
            Ok(answered) => answered.iter().for_each(|one| match one {
                Answered::OutOfScope(_) => self.out_of_scope.increment(1),
                Answered::Decided(decided) => {
                    let evaluation = &decided.decision.evaluation;
                    match (evaluation.effective, evaluation.answer) {
                        (Outcome::Automate, _) => self.automate.increment(1),
                        (Outcome::Review, true) => self.granted.increment(1),
                        (Outcome::Review, false) => self.review.increment(1),
                        (Outcome::Deny, _) => self.deny.increment(1),
                    }
                }
            }),
        }
    }
}
