//! How long an evaluation takes at 10 to 10,000 rules: `cargo run --release -p policy --example evaluation`.
#![allow(clippy::unwrap_used, reason = "a benchmark may stop at the first fault")]

use policy::{Without, evaluate, synthetic};
use std::time::Instant;

fn main() {
    let now = "2026-11-24T10:00:00Z".parse().unwrap();
    for rules in [10, 100, 1_000, 10_000] {
        let snapshot = synthetic::snapshot(rules, 4_000).unwrap();
        let inputs: Vec<_> = (0..1_000)
            .map(|number| synthetic::input(number).unwrap())
            .collect();
        let mut best = f64::MAX;
        for _ in 0..7 {
            let begin = Instant::now();
            let yes = inputs
                .iter()
                .filter(|input| evaluate(&snapshot, input, now, &Without::nothing()).answer)
                .count();
            let micros = begin.elapsed().as_secs_f64() * 1e6 / inputs.len() as f64;
            assert_eq!(yes, inputs.len() / 2);
            best = best.min(micros);
        }
        println!("{rules:>6} rules  {best:>7.2} µs an evaluation");
    }
}
