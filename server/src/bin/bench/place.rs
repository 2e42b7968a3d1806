//! The PostgreSQL that script/postgres has started, and the program that is measured.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::process::Command;
use url::Url;

use super::error::BenchError;

/// Where everything runs.
#[derive(Debug)]
pub(crate) struct Place {
    /// Of the owner's role, which may make databases.
    url: Url,
    /// The folder of PostgreSQL's programs.
    postgres_bin: PathBuf,
    /// The `spillway` program.
    pub(crate) spillway: PathBuf,
}

impl Place {
    pub(crate) fn from_environment() -> Result<Self, BenchError> {
        let path = |name| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .ok_or(BenchError::Environment(name))
        };
        let url = std::env::var("DATABASE_URL")
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or(BenchError::Environment("DATABASE_URL"))?;
        Ok(Self {
            url,
            postgres_bin: path("SPILLWAY_POSTGRES_BIN")?,
            spillway: path("SPILLWAY_BIN")?,
        })
    }

    /// One of PostgreSQL's programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.postgres_bin.join(name));
        // Else libpq would take what the shell of the caller has set.
        command.env_remove("PGOPTIONS").kill_on_drop(true);
        command
    }

    /// The address of a database, as another role than the owner's where one is named.
    pub(crate) fn database(&self, name: &str, role: Option<&str>) -> String {
        let mut url = self.url.clone();
        url.set_path(name);
        if let Some(role) = role {
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let others = pairs.iter().filter(|(key, _)| key != "user");
            url.query_pairs_mut()
                .clear()
                .extend_pairs(others)
                .append_pair("user", role);
        }
        url.into()
    }

    /// Makes an empty database.
    pub(crate) async fn create(&self, name: &str) -> Result<(), BenchError> {
        let mut conn = PgConnection::connect(self.url.as_str()).await?;
        for sql in [
            format!("DROP DATABASE IF EXISTS {name}"),
            format!("CREATE DATABASE {name}"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
        }
        Ok(conn.close().await?)
    }

    /// The folder of the cluster.
    fn data(&self) -> Result<PathBuf, BenchError> {
        self.url
            .query_pairs()
            .find(|(key, _)| key == "host")
            .map(|(_, folder)| PathBuf::from(folder.as_ref()).join("data"))
            .ok_or(BenchError::Environment("DATABASE_URL"))
    }

    /// The number of PostgreSQL's first process.
    pub(crate) fn postmaster(&self) -> Result<i32, BenchError> {
        let file = self.data()?.join("postmaster.pid");
        let text = std::fs::read_to_string(file).map_err(BenchError::io("no PostgreSQL runs there"))?;
        text.lines()
            .next()
            .and_then(|line| line.trim().parse().ok())
            .ok_or_else(|| BenchError::Wrong("PostgreSQL's number cannot be read".to_owned()))
    }

    /// Starts PostgreSQL after it was killed, as whoever it belongs to.
    pub(crate) async fn start_postgres(&self) -> Result<(), BenchError> {
        let data = self.data()?;
        let owner = std::fs::metadata(&data).map_err(BenchError::io("the cluster is gone"))?;
        // Orphans of the killed one hold its shared memory for a moment, and the new one refuses until they are gone.
        for _ in 0..200 {
            let mut command = self.program("pg_ctl");
            if rustix::process::geteuid().is_root() {
                command.uid(owner.uid()).gid(owner.gid());
            }
            let status = command
                .current_dir("/")
                .args(["start", "--silent", "--wait"])
                .arg("--pgdata")
                .arg(&data)
                .arg("--log")
                .arg(data.join("server.log"))
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .await
                .map_err(BenchError::io("pg_ctl cannot be run"))?;
            if status.success() {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Err(BenchError::Wrong(
            "PostgreSQL does not start after it was killed".to_owned(),
        ))
    }
}
