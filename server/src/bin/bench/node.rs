//! A `spillway serve` that runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::{Child, Command};

use super::error::BenchError;
use super::http::Connection;

/// How long a node may take until it serves, or serves again.
const PATIENCE: Duration = Duration::from_secs(60);
const ASK_EVERY: Duration = Duration::from_millis(20);

/// The process; it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Node {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Node {
    /// Starts it, and waits until it serves.
    pub(crate) async fn start(mut command: Command, port: u16, log: &Path) -> Result<Self, BenchError> {
        let child = command
            .spawn()
            .map_err(BenchError::io("SPILLWAY_BIN cannot be run"))?;
        let mut node = Self {
            child,
            address: ([127, 0, 0, 1], port).into(),
            log: log.to_owned(),
        };
        node.ready().await?;
        Ok(node)
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How much memory it has, in MB.
    pub(crate) fn resident_mb(&self) -> Result<f64, BenchError> {
        let unread = || BenchError::Wrong("the server's memory cannot be read".to_owned());
        let pid = self.child.id().ok_or_else(unread)?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).map_err(|_| unread())?;
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u32>().ok())
            .ok_or_else(unread)?;
        Ok(f64::from(kilobytes) / 1_024.0)
    }

    /// Waits until it says that it can serve.
    pub(crate) async fn ready(&mut self) -> Result<(), BenchError> {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !is_ready(self.address).await {
                if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                    return;
                }
                tokio::time::sleep(ASK_EVERY).await;
            }
        });
        if waited.await.is_ok() && matches!(self.child.try_wait(), Ok(None)) {
            return Ok(());
        }
        Err(BenchError::Program {
            program: "spillway serve".to_owned(),
            said: std::fs::read_to_string(&self.log).unwrap_or_default(),
        })
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), BenchError> {
        self.child
            .kill()
            .await
            .map_err(BenchError::io("the server cannot be killed"))
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut connection = Connection::open(address).await?;
        let answer = connection
            .ask(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            .await?;
        Ok::<bool, std::io::Error>(answer.status == 200)
    };
    asked.await.unwrap_or(false)
}
