//! What an evaluation costs at 10 to 10,000 rules: `cargo run --release -p policy --example evaluation [rules]`.
//!
//! With a number of rules it runs that one alone, for `valgrind --tool=callgrind`.
#![allow(clippy::unwrap_used, reason = "a benchmark may stop at the first fault")]

use policy::{Without, evaluate, synthetic};
use std::time::Instant;

/// The services that have rules of their own at the smallest size: the same inputs meet the same rules at every size.
const INPUTS: usize = 30;
const ROUNDS: usize = 100;

fn main() {
    let now = "2026-11-24T10:00:00Z".parse().unwrap();
    let named = std::env::args().nth(1).map(|text| text.parse().unwrap());
    let sizes = named.map_or_else(|| vec![10, 100, 1_000, 10_000], |rules| vec![rules]);
    for rules in sizes {
        let snapshot = synthetic::snapshot(rules, 4_000).unwrap();
        let inputs: Vec<_> = (0..INPUTS)
            .map(|number| synthetic::input(number).unwrap())
            .collect();
        let mut best = f64::MAX;
        for _ in 0..15 {
            let begin = Instant::now();
            let mut yes = 0;
            for _ in 0..ROUNDS {
                for input in &inputs {
                    yes += usize::from(evaluate(&snapshot, input, now, &Without::nothing()).answer);
                }
            }
            let micros = begin.elapsed().as_secs_f64() * 1e6 / (INPUTS * ROUNDS) as f64;
            assert_eq!(yes, INPUTS * ROUNDS / 2);
            best = best.min(micros);
        }
        println!("{rules:>6} rules  {best:>7.2} µs an evaluation");
    }
}
