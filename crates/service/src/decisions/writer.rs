//! The batch writer: one task with connections of its own that records what all others have evaluated.
//!
//! While batches are on their way to the disk the next one gathers, so the batches are as large as the load is. Nobody is
//! told yes or no before the database has answered; a full queue refuses at once, and who waits too long is told so.

use super::batch::Losers;
use super::lane::Lane;
use super::queue::Queue;
use super::time::Time;
use crate::ServiceError;
use crate::snapshot::Loaded;
use domain::id::{ClientId, OptOutId};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store::decisions::NewDecision;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// How often the clock's distance is measured.
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
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
    /// The distance of this node's clock from the database's is not known.
    #[error("the distance from the database's clock is not known")]
    ClockUnknown,
    /// This node's clock is too far from the database's.
    #[error("this node's clock is too far from the database's")]
    ClockOff,
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
    Stale(i64),
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
}

pub(super) fn queue(store: Store, time: Time) -> (Queue, DecisionWorker) {
    let jobs = Queue::default();
    (jobs.clone(), DecisionWorker { jobs, store, time })
}

impl DecisionWorker {
    /// Records until `stop`, then what still waits. Measures the clock besides.
    pub async fn run(self, stop: CancellationToken) {
        let gathering = Mutex::new(());
        let lane = || Lane::new(&self.jobs, &gathering, &self.store, &self.time).run(&stop);
        // Two: the database works on one batch while the other waits for the disk.
        tokio::join!(lane(), lane(), keep_time(&self.time, &stop));
    }
}

impl Drop for DecisionWorker {
    fn drop(&mut self) {
        self.jobs.close();
        self.jobs.fail_all();
    }
}

/// Measures the clock's distance until `stop`.
async fn keep_time(time: &Time, stop: &CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SAMPLE_EVERY) => time.sample().await,
        }
    }
}
