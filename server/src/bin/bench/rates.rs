//! P1, P2, P3: durable decisions over HTTP, with authentication and everything else that production does.

use super::Effort;
use super::error::BenchError;
use super::load::{Counted, Load};
use super::pgbench::Pgbench;
use super::place::Place;
use super::table::Bound::{AtLeast, AtMost};
use super::table::{Row, median};
use super::world::World;

const CONNECTIONS: u32 = 128;
/// Requests a second of the open loop: what must do, and what would be good.
const RATES: [u32; 2] = [3_000, 10_000];

pub(crate) async fn measure(place: &Place, effort: Effort) -> Result<Vec<Row>, BenchError> {
    let world = World::new(place, "rates").await?;
    let node = world.node("a").await?;
    let pgbench = Pgbench::new(place).await?;
    let load = Load {
        address: node.address(),
        requests: world.requests()?,
        connections: CONNECTIONS,
        lasting: effort.lasting,
    };
    let alone = Load {
        connections: 1,
        ..load.clone()
    };
    // Connections, caches and the plans of prepared statements.
    load.closed().await?;
    let (mut many, mut one) = (Vec::new(), Vec::new());
    let mut open = RATES.map(|_| Vec::new());
    for _ in 0..effort.rounds {
        many.push((
            pgbench.run(32, effort.lasting).await?.per_second,
            load.closed().await?.per_second(),
        ));
        one.push((
            pgbench.run(1, effort.lasting).await?.latency_ms,
            alone.closed().await?.quantile_ms(0.5),
        ));
        for (rate, counted) in RATES.into_iter().zip(&mut open) {
            counted.push(load.open(rate).await?);
        }
    }
    world.verify("a").await?;
    let mut rows = vec![
        Row {
            goal: "P1 durable decisions, 128 connections",
            measured: format!("{:.0}/s", median(many.iter().map(|round| round.1))),
            reference: format!("{:.0} commits/s", median(many.iter().map(|round| round.0))),
            figure: median(many.iter().map(|(reference, measured)| measured / reference)),
            unit: "×",
            must: Some(AtLeast(0.6)),
            stretch: Some(AtLeast(1.2)),
        },
        Row {
            goal: "P2 one decision after the other, p50",
            measured: format!("{:.2} ms", median(one.iter().map(|round| round.1))),
            reference: format!("{:.2} ms a commit", median(one.iter().map(|round| round.0))),
            figure: median(one.iter().map(|(reference, measured)| measured / reference)),
            unit: "×",
            must: Some(AtMost(4.0)),
            stretch: Some(AtMost(2.2)),
        },
    ];
    let [modest, stretch] = open;
    rows.push(open_loop(
        "P3 open loop, 3,000/s, p99",
        &modest,
        Some(AtMost(10.0)),
        None,
    ));
    rows.push(open_loop(
        "P3 open loop, 10,000/s, p99",
        &stretch,
        None,
        Some(AtMost(20.0)),
    ));
    Ok(rows)
}

fn open_loop(
    goal: &'static str,
    rounds: &[Counted],
    must: Option<super::table::Bound>,
    stretch: Option<super::table::Bound>,
) -> Row {
    let answered = median(rounds.iter().map(Counted::per_second));
    let refused: u64 = rounds.iter().map(|round| round.refused).sum();
    let half = median(rounds.iter().map(|round| round.quantile_ms(0.5)));
    Row {
        goal,
        measured: format!("{answered:.0}/s, p50 {half:.1} ms, {refused} refused"),
        reference: "absolute".to_owned(),
        figure: median(rounds.iter().map(|round| round.quantile_ms(0.99))),
        unit: "ms",
        must,
        stretch,
    }
}
