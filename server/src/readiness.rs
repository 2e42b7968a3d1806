//! Whether this node would answer decisions now, and why not.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use service::Service;
use service::decisions::Recorder;
use service::time::ClockError;
use store::StoreError;
use store::health::Probe;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer of the database counts, so that nobody can make the node probe it more often.
const FRESH: Duration = Duration::from_millis(500);
/// How much a probe writes.
const PROBE_BYTES: usize = 64;
/// How much it writes after a batch has failed: more than fits into a page, so that it needs new room on the disk as
/// decisions do.
const BIG_PROBE_BYTES: usize = 64 << 10;

/// Why a node would answer decisions with 503.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotReady {
    /// It was told to stop, or a part of it has failed.
    #[error("this node is stopping")]
    Stopping,
    /// Its clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// What decisions are made from.
    #[error("{0}")]
    Snapshot(String),
    /// The ledger.
    #[error("the ledger has stopped: {0}")]
    Ledger(String),
    /// The database answers and takes no writes.
    #[error("the database is read-only")]
    ReadOnly,
    /// The database does not answer, or refuses: its disk may be full. The cause is in the log.
    #[error("the database does not take writes")]
    Database,
}

impl NotReady {
    /// A stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Clock(ClockError::Unknown) => "clock_unknown",
            Self::Clock(ClockError::Off { .. }) => "clock_off",
            Self::Snapshot(_) => "no_snapshot",
            Self::Ledger(_) => "ledger_stopped",
            Self::ReadOnly => "database_read_only",
            Self::Database => "database_unavailable",
        }
    }
}

/// Asks all parts of a node.
#[derive(Debug, Clone)]
pub struct Readiness {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    service: Service,
    recorder: Recorder,
    stop: CancellationToken,
    ledger: OnceLock<watch::Receiver<Option<String>>>,
    probe: Mutex<Prober>,
}

#[derive(Debug, Default)]
struct Prober {
    conn: Option<Probe>,
    last: Option<(Instant, Result<(), NotReady>)>,
}

impl Readiness {
    /// Of a node with these parts.
    pub fn new(service: Service, recorder: Recorder, stop: CancellationToken) -> Self {
        Self {
            parts: Arc::new(Parts {
                service,
                recorder,
                stop,
                ledger: OnceLock::new(),
                probe: Mutex::default(),
            }),
        }
    }

    /// Asks this too: why the ledger does not go on.
    pub fn watch_ledger(&self, fault: watch::Receiver<Option<String>>) {
        // A node has one ledger; a second one would be another node's.
        let _ = self.parts.ledger.set(fault);
    }

    /// Everything that keeps this node from answering decisions; nothing where it would answer them.
    pub async fn reasons(&self) -> Vec<NotReady> {
        let parts = &self.parts;
        let mut reasons = Vec::new();
        if parts.stop.is_cancelled() {
            reasons.push(NotReady::Stopping);
        }
        reasons.extend(parts.service.time().checked().err().map(NotReady::Clock));
        if let Err(error) = parts.service.snapshots().current().snapshot() {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            reasons.push(NotReady::Snapshot(why));
        }
        let fault = parts.ledger.get().and_then(|fault| fault.borrow().clone());
        reasons.extend(fault.map(NotReady::Ledger));
        reasons.extend(self.database().await.err());
        reasons
    }

    async fn database(&self) -> Result<(), NotReady> {
        let recorder = &self.parts.recorder;
        let mut prober = self.parts.probe.lock().await;
        match &prober.last {
            // A batch that failed or was recorded since outweighs an answer from before it.
            Some((at, last)) if at.elapsed() < FRESH && last.is_err() == recorder.has_failed() => {
                return last.clone();
            }
            Some(_) | None => {}
        }
        let size_bytes = if recorder.has_failed() {
            BIG_PROBE_BYTES
        } else {
            PROBE_BYTES
        };
        let store = self.parts.service.store();
        // Taken out while it is in use: after an error or a time-out nobody knows what is under way on it.
        let held = prober.conn.take();
        let probed = tokio::time::timeout(PATIENCE, async {
            if let Some(mut conn) = held
                && conn.write(size_bytes).await.is_ok()
            {
                return Ok(conn);
            }
            // The session may have ended, or have begun while the database was read-only.
            let mut conn = Probe::open(store).await?;
            conn.write(size_bytes).await?;
            Ok::<_, StoreError>(conn)
        });
        let found = match probed.await {
            Ok(Ok(conn)) => {
                prober.conn = Some(conn);
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database takes no writes"
                );
                Err(if error.is_read_only() {
                    NotReady::ReadOnly
                } else {
                    NotReady::Database
                })
            }
            Err(_) => {
                tracing::warn!("the database is slow");
                Err(NotReady::Database)
            }
        };
        recorder.note(found.is_ok());
        prober.last = Some((Instant::now(), found.clone()));
        found
    }
}
