//! The reference: what the same PostgreSQL commits when nothing is done but inserting one small row at a time.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};

use super::error::BenchError;
use super::place::Place;
use super::world::Folder;

const DATABASE: &str = "bench_reference";

/// A table of small rows, and a script that inserts one.
#[derive(Debug)]
pub(crate) struct Pgbench<'a> {
    place: &'a Place,
    script: PathBuf,
    _folder: Folder,
}

/// What it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    /// Commits a second.
    pub(crate) per_second: f64,
    /// The average latency, in milliseconds.
    pub(crate) latency_ms: f64,
}

impl<'a> Pgbench<'a> {
    pub(crate) async fn new(place: &'a Place) -> Result<Self, BenchError> {
        place.create(DATABASE).await?;
        let mut conn = PgConnection::connect(&place.database(DATABASE, None)).await?;
        sqlx::raw_sql(
            "CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             at timestamptz NOT NULL DEFAULT now(), body text NOT NULL)",
        )
        .execute(&mut conn)
        .await?;
        conn.close().await?;
        let folder = Folder::new("reference")?;
        let script = folder.path().join("insert.sql");
        std::fs::write(&script, "INSERT INTO entries (body) VALUES ('a small row');\n")
            .map_err(BenchError::io("pgbench's script cannot be written"))?;
        Ok(Self {
            place,
            script,
            _folder: folder,
        })
    }

    /// Inserts as fast as that many clients can.
    pub(crate) async fn run(&self, clients: u32, lasting: Duration) -> Result<Said, BenchError> {
        let output = self
            .place
            .program("pgbench")
            .args(["--no-vacuum", "--protocol=prepared"])
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", clients.min(2)))
            .arg(format!("--time={}", lasting.as_secs().max(1)))
            .arg("--file")
            .arg(&self.script)
            .arg(self.place.database(DATABASE, None))
            .output()
            .await
            .map_err(BenchError::io("pgbench cannot be run"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let figure = |label: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(label))
                .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
        };
        match (figure("tps = "), figure("latency average = ")) {
            (Some(per_second), Some(latency_ms)) => Ok(Said {
                per_second,
                latency_ms,
            }),
            _ => Err(BenchError::Program {
                program: "pgbench".to_owned(),
                said: text + &String::from_utf8_lossy(&output.stderr),
            }),
        }
    }
}
