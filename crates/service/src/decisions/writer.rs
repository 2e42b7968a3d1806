//! The batch writer: one task with connections of its own that records what all others have evaluated.
//!
//! While batches are on their way to the disk the next one gathers, so the batches are as large as the load is. Nobody is
//! told yes or no before the database has answered; a full queue refuses at once, and who waits too long is told so.

use super::batch::Losers;
use super::lane::Lane;
use super::queue::Queue;
use crate::ServiceError;
use crate::snapshot::Loaded;
use crate::time::Time;
use domain::id::{ClientId, OptOutId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::Store;
use store::decisions::NewDecision;
use store::generation::Generation;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Why nothing could be decided or recorded now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// More waits than can be recorded in time.
    #[error("the queue of decisions is full")]
    QueueFull,
    /// The database did not take it. The cause is in the log.
    #[error("the database did not take the decision")]
    Database,
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
    /// What decisions depend on changed again and again.
    #[error("policy, opt-outs or grants change faster than a decision can be recorded")]
    Contended,
    /// What decisions depend on has changed, and loading it takes too long.
    #[error("what decisions depend on is still being loaded")]
    Loading,
}

impl From<NotRecorded> for ServiceError {
    fn from(why: NotRecorded) -> Self {
        Self::Unavailable(Box::new(why))
    }
}

/// The decisions of one request: recorded together or not at all.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) client: ClientId,
    /// The bytes of the records and leaves.
    pub(super) bytes: usize,
    pub(super) loaded: Arc<Loaded>,
    pub(super) new: Vec<NewDecision>,
    /// For each decision, the applying opt-outs whose uses are limited.
    pub(super) limited: Vec<Vec<OptOutId>>,
}

/// What became of a job.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Durable.
    Recorded(Vec<NewDecision>),
    /// Another generation is current.
    Stale(Generation),
    /// Some decisions have to do without some opt-outs.
    Exhausted(Losers),
    /// The database did not take it.
    Unavailable,
}

impl Job {
    pub(super) fn new(
        client: ClientId,
        loaded: Arc<Loaded>,
        new: Vec<NewDecision>,
        limited: Vec<Vec<OptOutId>>,
    ) -> Self {
        Self {
            client,
            bytes: new.iter().map(|new| new.record.len() + new.leaf.len()).sum(),
            loaded,
            new,
            limited,
        }
    }

    /// Whether an opt-out whose uses are limited applies to any of its decisions.
    pub(super) fn is_limited(&self) -> bool {
        self.limited.iter().any(|limited| !limited.is_empty())
    }
}

/// Whether decisions are being recorded, as far as the last batch or the last probe has shown.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<AtomicBool>);

impl Recorder {
    /// Whether the database refused the last batch or probe, or did not answer.
    pub fn has_failed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The database has taken a batch or a probe, or has not.
    pub fn note(&self, recorded: bool) {
        if self.has_failed() == recorded {
            self.0.store(!recorded, Ordering::Relaxed);
        }
    }
}

impl Queue {
    /// Waits until a job is recorded, or cannot be.
    pub(super) async fn record(&self, job: Job) -> Result<Verdict, ServiceError> {
        let verdict = self.push(job)?;
        verdict.await.map_err(|_| NotRecorded::Stopping.into())
    }
}

/// The task that records. Without it running, every decision waits; dropped, it tells all who wait.
#[must_use]
#[derive(Debug)]
pub struct DecisionWorker {
    jobs: Queue,
    store: Store,
    time: Time,
    recorder: Recorder,
}

pub(super) fn queue(store: Store, time: Time, recorder: Recorder) -> (Queue, DecisionWorker) {
    let jobs = Queue::default();
    let worker = DecisionWorker {
        jobs: jobs.clone(),
        store,
        time,
        recorder,
    };
    (jobs, worker)
}

impl DecisionWorker {
    /// Records until `stop`, then what still waits.
    pub async fn run(self, stop: CancellationToken) {
        let gathering = Mutex::new(());
        let lane = || Lane::new(&self.jobs, &gathering, &self.store, &self.time, &self.recorder).run(&stop);
        // Two: the database works on one batch while the other waits for the disk.
        tokio::join!(lane(), lane());
    }
}

impl Drop for DecisionWorker {
    fn drop(&mut self) {
        self.jobs.close();
        self.jobs.fail_all();
    }
}
