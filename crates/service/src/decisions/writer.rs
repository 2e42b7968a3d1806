//! The batch writer: one task with connections of its own that records what all others have evaluated.
//!
//! While batches are on their way to the disk the next one gathers, so the batches are as large as the load is. Nobody is
//! answered before the database has answered, and a full queue refuses at once: nothing is ever dropped.

use super::batch::Losers;
use super::lane::{Jobs, Lane};
use crate::ServiceError;
use crate::snapshot::Loaded;
use crate::time::Time;
use domain::id::OptOutId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::Store;
use store::decisions::NewDecision;
use store::generation::Generation;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// How many requests may wait. Far more than are ever in flight on a healthy database; beyond it, waiting longer helps
/// nobody.
const QUEUE: usize = 8_192;
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
}

impl From<NotRecorded> for ServiceError {
    fn from(why: NotRecorded) -> Self {
        Self::Unavailable(Box::new(why))
    }
}

/// The decisions of one request: recorded together or not at all.
#[derive(Debug)]
pub(super) struct Job {
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
    pub(super) const fn new(loaded: Arc<Loaded>, new: Vec<NewDecision>, limited: Vec<Vec<OptOutId>>) -> Self {
        Self { loaded, new, limited }
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

/// Where jobs wait, each with who waits for its verdict.
#[derive(Debug, Clone)]
pub(super) struct Queue(mpsc::Sender<(Job, oneshot::Sender<Verdict>)>);

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.0.max_capacity().saturating_sub(self.0.capacity())
    }

    pub(super) async fn record(&self, job: Job) -> Result<Verdict, ServiceError> {
        let (answer, verdict) = oneshot::channel();
        self.0.try_send((job, answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotRecorded::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotRecorded::Stopping,
        })?;
        verdict.await.map_err(|_| NotRecorded::Stopping.into())
    }
}

/// The task that records. Without it running, every decision waits.
#[must_use]
#[derive(Debug)]
pub struct DecisionWorker {
    jobs: Jobs,
    store: Store,
    time: Time,
    recorder: Recorder,
}

pub(super) fn queue(store: Store, time: Time, recorder: Recorder) -> (Queue, DecisionWorker) {
    let (sender, jobs) = mpsc::channel(QUEUE);
    let worker = DecisionWorker {
        jobs,
        store,
        time,
        recorder,
    };
    (Queue(sender), worker)
}

impl DecisionWorker {
    /// Records until `stop`, then what still waits.
    pub async fn run(self, stop: CancellationToken) {
        let Self {
            jobs,
            store,
            time,
            recorder,
        } = self;
        let jobs = Mutex::new(jobs);
        let lane = || Lane::new(&jobs, &store, &time, &recorder).run(&stop);
        // Two: the database works on one batch while the other waits for the disk.
        tokio::join!(lane(), lane());
    }
}
