//! The batch writer: one task with a connection of its own that records what all others have evaluated.
//!
//! While one batch is on its way to the disk the next one gathers, so the batches are as large as the load is. Nobody is
//! answered before the database has answered, and a full queue refuses at once: nothing is ever dropped.

use super::batch::{Losers, losers, wanted};
use super::time::Time;
use crate::ServiceError;
use crate::snapshot::Loaded;
use domain::id::OptOutId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::decisions::{Batch, NewDecision, Recording, WritingConnection};
use store::{Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// How many requests may wait. Far more than are ever in flight on a healthy database; beyond it, waiting longer helps
/// nobody.
const QUEUE: usize = 8_192;
/// The most requests in one batch. Rows beyond it gain nothing, and the generation would be held longer.
const MOST_JOBS: usize = 256;
/// A batch that is smaller, while batches have been larger, gives other tasks a moment to join it.
const SMALL: usize = 16;
/// How often other tasks get their turn before a small batch leaves. Each is some ten microseconds under load; a timer
/// would be a hundred times coarser.
const TURNS: usize = 4;
/// How long the database may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may take to come about.
const CONNECTING: Duration = Duration::from_secs(2);
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
    loaded: Arc<Loaded>,
    new: Vec<NewDecision>,
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
    pub(super) const fn new(loaded: Arc<Loaded>, new: Vec<NewDecision>, limited: Vec<Vec<OptOutId>>) -> Self {
        Self { loaded, new, limited }
    }
}

/// Where jobs wait, each with who waits for its verdict.
#[derive(Debug, Clone)]
pub(super) struct Queue(mpsc::Sender<(Job, oneshot::Sender<Verdict>)>);

impl Queue {
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
    jobs: mpsc::Receiver<(Job, oneshot::Sender<Verdict>)>,
    store: Store,
    time: Time,
}

pub(super) fn queue(store: Store, time: Time) -> (Queue, DecisionWorker) {
    let (sender, jobs) = mpsc::channel(QUEUE);
    (Queue(sender), DecisionWorker { jobs, store, time })
}

impl DecisionWorker {
    /// Records until `stop`, then what still waits. Measures the clock besides.
    pub async fn run(self, stop: CancellationToken) {
        let Self { jobs, store, time } = self;
        let writer = Writer {
            jobs,
            store,
            time: time.clone(),
            conn: None,
            last: 0,
        };
        tokio::join!(writer.run(stop.clone()), keep_time(time, stop));
    }
}

/// Measures the clock's distance until `stop`.
async fn keep_time(time: Time, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SAMPLE_EVERY) => time.sample().await,
        }
    }
}

struct Writer {
    jobs: mpsc::Receiver<(Job, oneshot::Sender<Verdict>)>,
    store: Store,
    time: Time,
    conn: Option<WritingConnection>,
    /// How many jobs the last batch had.
    last: usize,
}

impl Writer {
    async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(MOST_JOBS);
        loop {
            tokio::select! {
                biased;
                _ = self.jobs.recv_many(&mut batch, MOST_JOBS) => {}
                () = stop.cancelled() => self.jobs.close(),
            }
            if batch.is_empty() {
                if self.jobs.is_closed() && self.jobs.is_empty() {
                    return;
                }
                continue;
            }
            self.gather(&mut batch).await;
            self.last = batch.len();
            self.settle(std::mem::replace(&mut batch, Vec::with_capacity(MOST_JOBS)))
                .await;
        }
    }

    /// Lets a small batch grow while there is company about. Alone, a request leaves at once.
    async fn gather(&mut self, batch: &mut Vec<(Job, oneshot::Sender<Verdict>)>) {
        for _ in 0..TURNS {
            if batch.len() >= SMALL || batch.len() >= self.last {
                return;
            }
            tokio::task::yield_now().await;
            while batch.len() < MOST_JOBS
                && let Ok(job) = self.jobs.try_recv()
            {
                batch.push(job);
            }
        }
    }

    /// Answers every job of a batch. Who no longer waits is recorded all the same.
    async fn settle(&mut self, batch: Vec<(Job, oneshot::Sender<Verdict>)>) {
        let newest = batch
            .iter()
            .map(|(job, _)| job.loaded.generation())
            .max()
            .unwrap_or_default();
        let (mut jobs, mut answers) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for (job, answer) in batch {
            if job.loaded.generation() == newest {
                jobs.push(job);
                answers.push(answer);
            } else {
                let _ = answer.send(Verdict::Stale(newest));
            }
        }
        loop {
            match self.record(newest, &jobs).await {
                Ok(Recording::Recorded { uses }) => {
                    raise(&jobs, &uses);
                    return answer_all(jobs, answers, |job| Verdict::Recorded(job.new));
                }
                Ok(Recording::Stale { generation }) => {
                    return answer_all(jobs, answers, |_| Verdict::Stale(generation));
                }
                Ok(Recording::Exhausted { uses, remaining }) => {
                    raise(&jobs, &uses);
                    (jobs, answers) = without_losers(jobs, answers, &remaining);
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        jobs = jobs.len(),
                        "decisions were not recorded"
                    );
                    return answer_all(jobs, answers, |_| Verdict::Unavailable);
                }
            }
        }
    }

    async fn record(&mut self, generation: i64, jobs: &[Job]) -> Result<Recording, Failure> {
        if jobs.is_empty() {
            return Ok(Recording::Recorded { uses: Vec::new() });
        }
        let batch = Batch {
            generation,
            at: self.time.roughly_now(),
            limited: wanted(jobs),
            decisions: jobs.iter().flat_map(|job| &job.new).collect(),
        };
        // Taken out while it is in use: after an error or a time-out nobody knows what is under way on it.
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => in_time(CONNECTING, WritingConnection::open(&self.store)).await?,
        };
        let recording = in_time(PATIENCE, conn.record(&batch)).await?;
        self.conn = Some(conn);
        Ok(recording)
    }
}

/// Why a batch was not recorded.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the database refused")]
    Store(#[from] StoreError),
    #[error("the database did not answer in time")]
    Late,
}

async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, Failure> {
    Ok(tokio::time::timeout(limit, work)
        .await
        .map_err(|_| Failure::Late)??)
}

fn answer_all(jobs: Vec<Job>, answers: Vec<oneshot::Sender<Verdict>>, verdict: impl Fn(Job) -> Verdict) {
    for (job, answer) in jobs.into_iter().zip(answers) {
        // Who went away meanwhile needs no answer.
        let _ = answer.send(verdict(job));
    }
}

/// Tells the snapshot what the database has counted, so that the next evaluation need not find out by losing.
fn raise(jobs: &[Job], uses: &[u32]) {
    let Some(snapshot) = jobs.first().and_then(|job| job.loaded.snapshot().ok()) else {
        return;
    };
    for ((id, _), uses) in wanted(jobs).iter().zip(uses) {
        if let Some(held) = snapshot.opt_out(*id) {
            held.uses.raise_to(*uses);
        }
    }
}

/// Sends the losers away and keeps the others.
fn without_losers(
    jobs: Vec<Job>,
    answers: Vec<oneshot::Sender<Verdict>>,
    remaining: &[u32],
) -> (Vec<Job>, Vec<oneshot::Sender<Verdict>>) {
    let left: BTreeMap<OptOutId, u32> = wanted(&jobs)
        .into_iter()
        .map(|(id, _)| id)
        .zip(remaining.iter().copied())
        .collect();
    let losers = losers(&jobs, left);
    let nobody = losers.iter().all(Vec::is_empty);
    let mut kept = (Vec::new(), Vec::new());
    for ((job, answer), losers) in jobs.into_iter().zip(answers).zip(losers) {
        if nobody {
            // The database refused the batch although its own numbers suffice: do not ask it the same for ever.
            let _ = answer.send(Verdict::Unavailable);
        } else if losers.is_empty() {
            kept.0.push(job);
            kept.1.push(answer);
        } else {
            let _ = answer.send(Verdict::Exhausted(losers));
        }
    }
    kept
}
