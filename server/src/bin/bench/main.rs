//! Measures an optimised build beside a PostgreSQL of its own; `script/bench` runs it.
//!
//! Machines differ and neighbours disturb, so no figure stands alone: each is printed beside its reference from the same
//! run, the two taken in turn, and what counts is the median of several rounds. Load generator, server and database share
//! the machine. Nothing fails for being slow.
//!
//! ```text
//! place ── a PostgreSQL, from script/postgres          pgbench ── the reference
//! world ── a database in it, with an organisation      http, load ── the load generator
//! node  ── a `spillway serve` on that database
//! rates (P1, P2, P3)   evaluation (P4)   changes (P5)   kills (P12)   isolation   imports   table ── what is printed
//! ```

mod changes;
mod error;
mod evaluation;
mod http;
mod imports;
mod isolation;
mod kills;
mod load;
mod node;
mod pgbench;
mod place;
mod rates;
mod table;
mod world;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use error::BenchError;
use place::Place;
use table::Table;

/// Measures Spillway, and prints each figure beside its reference.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Measure these alone.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// How many rounds of each; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long one measurement of a round takes.
    #[arg(long, value_name = "SECONDS", default_value_t = 4)]
    seconds: u64,
    /// How often the server is killed. The goal is stated for 100.
    #[arg(long, default_value_t = 10)]
    kills: usize,
    /// How often PostgreSQL is killed.
    #[arg(long, default_value_t = 3)]
    postgres_kills: usize,
}

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// P1, P2, P3: durable decisions over HTTP.
    Rates,
    /// P4: evaluation and the number of rules.
    Evaluation,
    /// P5: decisions while things change.
    Changes,
    /// P12: what a crash loses.
    Kills,
    /// What one client's large messages cost another.
    Starvation,
    /// What half-open connections cost.
    Connections,
    /// What the import of a large directory costs.
    Imports,
}

/// How often and how long.
#[derive(Debug, Clone, Copy)]
struct Effort {
    rounds: usize,
    lasting: Duration,
}

// One thread: the load generator shall not take both cores from what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = tokio::select! {
        measured = run(&arguments) => measured,
        // What is dropped here ends the servers that were started; a signal alone would leave them behind.
        () = told_to_stop() => return ExitCode::FAILURE,
    };
    match measured {
        Ok(table) => {
            println!("\n{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                eprintln!("  because {inner}");
                cause = inner.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers a signal ends the process as ever.
        (Err(_), _) | (_, Err(_)) => std::future::pending().await,
    }
}

async fn run(arguments: &Arguments) -> Result<Table, BenchError> {
    let place = Place::from_environment()?;
    let effort = Effort {
        rounds: arguments.rounds.max(1),
        lasting: Duration::from_secs(arguments.seconds.max(1)),
    };
    let asked = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut table = Table::default();
    if asked(Part::Evaluation) {
        say("P4: evaluation");
        table.push(evaluation::measure(effort)?);
    }
    if asked(Part::Rates) {
        say("P1, P2, P3: durable decisions over HTTP");
        table.extend(rates::measure(&place, effort).await?);
    }
    if asked(Part::Changes) {
        say("P5: decisions while things change");
        table.extend(changes::measure(&place, effort).await?);
    }
    if asked(Part::Kills) {
        say("P12: kill -9");
        table.extend(kills::measure(&place, arguments.kills, arguments.postgres_kills).await?);
    }
    if asked(Part::Starvation) {
        say("one client's large messages");
        table.extend(isolation::starvation(&place, effort).await?);
    }
    if asked(Part::Connections) {
        say("half-open connections");
        table.extend(isolation::connections(&place, effort).await?);
    }
    if asked(Part::Imports) {
        say("imports of a large directory");
        table.extend(imports::measure(&place, effort).await?);
    }
    Ok(table)
}

/// Tells whoever waits what is going on.
fn say(what: &str) {
    eprintln!("==> {what}");
}
