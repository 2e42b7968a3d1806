//! What the daily import of a large directory costs decisions: their p99 during imports ÷ without, taken in turn; and what
//! the import of an unchanged file costs.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use service::directory::DirectoryFile;
use service::directory::synthetic::{Organisation, Size};
use sqlx::{Connection as _, PgConnection};

use super::Effort;
use super::error::BenchError;
use super::isolation::{Disturbing, beside};
use super::place::Place;
use super::table::Bound::AtMost;
use super::table::{Row, median};
use super::world::World;

/// The organisation is the same in each run.
const SEED: u64 = 2_026;

/// How many days there are to be imported in one measurement; more than it has time for.
const DAYS: usize = 6;

pub(crate) async fn measure(place: &Place, effort: Effort) -> Result<Vec<Row>, BenchError> {
    let world = World::new(place, "imports").await?;
    let mut days = Days::new(&world)?;
    let first = days.next()?;
    let took = import(&world, &first).await?;
    let node = world.node("i").await?;
    let mut next = Vec::new();
    for _ in 0..effort.rounds * DAYS {
        next.push(world.import(&days.next()?));
    }
    let next = Mutex::new(next);
    let goal = "imports of 5,000 people, 5,000 groups, 20,000 services beside: p99";
    let (row, _) = beside(&world, &node, effort, goal, 3.0, |_| {
        let mut all = next.lock().unwrap_or_else(PoisonError::into_inner);
        let days = DAYS.min(all.len());
        one_after_another(all.drain(..days).collect())
    })
    .await?;
    let last = days.next()?;
    import(&world, &last).await?;
    let before = generation(&world).await?;
    let mut unchanged = Vec::new();
    for _ in 0..effort.rounds {
        unchanged.push(import(&world, &last).await?);
    }
    let raised = before != generation(&world).await?;
    Ok(vec![
        row,
        Row {
            goal: "import of the same file again",
            measured: format!("{:.2} s", median(unchanged.iter().copied())),
            reference: format!("{took:.2} s for the first"),
            figure: median(unchanged),
            unit: "s",
            must: Some(AtMost(1.0)),
            stretch: None,
        },
        Row {
            goal: "  generations that it raised",
            measured: String::new(),
            reference: String::new(),
            figure: if raised { 1.0 } else { 0.0 },
            unit: "",
            must: Some(AtMost(0.0)),
            stretch: None,
        },
    ])
}

/// The organisation's directory day by day, as files.
struct Days {
    organisation: Organisation,
    demo: DirectoryFile,
    folder: PathBuf,
    written: usize,
}

impl Days {
    fn new(world: &World) -> Result<Self, BenchError> {
        Ok(Self {
            organisation: Organisation::new(Size::GOAL, SEED),
            demo: world.directory()?,
            folder: world.folder().to_owned(),
            written: 0,
        })
    }

    fn next(&mut self) -> Result<PathBuf, BenchError> {
        self.organisation.day();
        self.written += 1;
        let path = self.folder.join(format!("day-{}.toml", self.written));
        let text = toml::to_string(&self.organisation.beside(&self.demo))
            .map_err(|error| BenchError::Wrong(error.to_string()))?;
        std::fs::write(&path, text).map_err(BenchError::io("a directory cannot be written"))?;
        Ok(path)
    }
}

/// Imports a file; how long it took, in seconds.
async fn import(world: &World, file: &std::path::Path) -> Result<f64, BenchError> {
    let begin = Instant::now();
    super::world::finished(&mut world.import(file)).await?;
    Ok(begin.elapsed().as_secs_f64())
}

fn one_after_another(commands: Vec<tokio::process::Command>) -> impl Fn() -> Disturbing + Send + 'static {
    let commands = Mutex::new(commands);
    move || {
        let commands = std::mem::take(&mut *commands.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(async move {
            for mut command in commands {
                let done = command
                    .stdout(Stdio::null())
                    .stderr(Stdio::inherit())
                    .status()
                    .await;
                if !done.is_ok_and(|status| status.success()) {
                    eprintln!("bench: an import has failed");
                }
            }
        })
    }
}

async fn generation(world: &World) -> Result<store::generation::Generation, BenchError> {
    let mut conn = PgConnection::connect(world.database()).await?;
    let generation = store::generation::current(&mut conn)
        .await
        .map_err(|error| BenchError::Wrong(error.to_string()))?;
    conn.close().await?;
    Ok(generation)
}
