//! P4: an evaluation costs the same however many rules there are. In this process, on one core.

use std::time::Instant;

use domain::decision::Input;
use policy::synthetic::{self, WholeSet};
use policy::{Snapshot, Without, evaluate};

use super::Effort;
use super::error::BenchError;
use super::table::Bound::AtMost;
use super::table::{Row, median};

const FEW: usize = 100;
const MANY: usize = 10_000;
/// The services that have rules of their own at the smaller size: the same inputs meet the same rules at both.
const INPUTS: usize = 30;
/// How many evaluations of each input make one figure: some ten milliseconds.
const TIMES: usize = 100;
/// How many figures of each size are taken in turn in one round.
const FIGURES: usize = 10;

pub(crate) fn measure(effort: Effort) -> Result<Row, BenchError> {
    // A Tuesday, when the rules of the synthetic policy let half of the pipelines through.
    let now = chrono::DateTime::from_timestamp(1_795_514_400, 0)
        .ok_or_else(|| BenchError::Wrong("the calendar has no such day".to_owned()))?;
    let few = synthetic::snapshot(FEW, 4_000)?;
    let many = synthetic::snapshot(MANY, 4_000)?;
    let inputs = (0..INPUTS).map(synthetic::input).collect::<Result<Vec<_>, _>>()?;
    for (rules, snapshot) in [(FEW, &few), (MANY, &many)] {
        let whole = WholeSet::new(rules)?;
        for input in &inputs {
            if !whole.agrees(snapshot, input, now)? {
                let what = format!(
                    "the index over {rules} rules answers otherwise than Cedar for {}",
                    input.principal
                );
                return Err(BenchError::Wrong(what));
            }
        }
    }
    let mut rounds = Vec::new();
    for _ in 0..effort.rounds * FIGURES {
        rounds.push((micros(&few, &inputs, now), micros(&many, &inputs, now)));
    }
    Ok(Row {
        goal: "P4 evaluation, 10,000 rules",
        measured: format!(
            "{:.1} µs, agrees with Cedar",
            median(rounds.iter().map(|round| round.1))
        ),
        reference: format!(
            "{:.1} µs at 100 rules",
            median(rounds.iter().map(|round| round.0))
        ),
        figure: median(rounds.iter().map(|(few, many)| many / few)),
        unit: "×",
        must: Some(AtMost(1.5)),
        stretch: Some(AtMost(1.15)),
    })
}

/// What one evaluation takes.
fn micros(snapshot: &Snapshot, inputs: &[Input], now: domain::window::Instant) -> f64 {
    let start = Instant::now();
    for _ in 0..TIMES {
        for input in inputs {
            std::hint::black_box(evaluate(snapshot, input, now, &Without::nothing()));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let count = (TIMES * inputs.len()) as f64;
    start.elapsed().as_secs_f64() * 1e6 / count
}
