//! One of the writer's lanes: takes a batch, records it on a connection of its own, answers, and takes the next.

use super::batch::{losers, wanted};
use super::writer::{Job, Recorder, Verdict};
use crate::clock::Clock as _;
use crate::time::Time;
use domain::id::OptOutId;
use metrics::{Histogram, histogram};
use std::collections::BTreeMap;
use std::time::Duration;
use store::decisions::{Batch, Recording, WritingConnection};
use store::generation::Generation;
use store::{Store, StoreError};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

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

/// Jobs, each with who waits for its verdict.
pub(super) type Jobs = mpsc::Receiver<(Job, oneshot::Sender<Verdict>)>;

/// Takes a batch, records it, and takes the next.
pub(super) struct Lane<'a> {
    /// Held while a batch gathers.
    jobs: &'a Mutex<Jobs>,
    store: &'a Store,
    time: &'a Time,
    recorder: &'a Recorder,
    sizes: Histogram,
    conn: Option<WritingConnection>,
    /// How many jobs the last batch had.
    last: usize,
}

impl<'a> Lane<'a> {
    pub(super) fn new(
        jobs: &'a Mutex<Jobs>,
        store: &'a Store,
        time: &'a Time,
        recorder: &'a Recorder,
    ) -> Self {
        Self {
            jobs,
            store,
            time,
            recorder,
            sizes: histogram!("spillway_batch_decisions"),
            conn: None,
            last: 0,
        }
    }

    /// Records until `stop`, then what still waits.
    pub(super) async fn run(mut self, stop: &CancellationToken) {
        while let Some(batch) = self.next(stop).await {
            self.last = batch.len();
            self.settle(batch).await;
        }
    }

    /// The next batch; none once the server stops and nothing waits any more.
    async fn next(&self, stop: &CancellationToken) -> Option<Vec<(Job, oneshot::Sender<Verdict>)>> {
        let mut jobs = self.jobs.lock().await;
        let mut batch = Vec::with_capacity(MOST_JOBS);
        tokio::select! {
            biased;
            _ = jobs.recv_many(&mut batch, MOST_JOBS) => {}
            () = stop.cancelled() => {
                jobs.close();
                jobs.recv_many(&mut batch, MOST_JOBS).await;
            }
        }
        if batch.is_empty() {
            return None;
        }
        self.gather(&mut jobs, &mut batch).await;
        Some(batch)
    }

    /// Lets a small batch grow while there is company about. Alone, a request leaves at once.
    async fn gather(&self, jobs: &mut Jobs, batch: &mut Vec<(Job, oneshot::Sender<Verdict>)>) {
        for _ in 0..TURNS {
            if batch.len() >= SMALL || batch.len() >= self.last {
                return;
            }
            tokio::task::yield_now().await;
            while batch.len() < MOST_JOBS
                && let Ok(job) = jobs.try_recv()
            {
                batch.push(job);
            }
        }
    }

    /// Answers every job of a batch. Who no longer waits is recorded all the same.
    async fn settle(&mut self, batch: Vec<(Job, oneshot::Sender<Verdict>)>) {
        // What was loaded last, not what has the highest counter: the database may have gone back.
        let Some(newest) = batch
            .iter()
            .map(|(job, _)| &job.loaded)
            .max_by_key(|loaded| loaded.number())
            .map(|loaded| loaded.generation())
        else {
            return;
        };
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
            let recorded = self.record(newest, &jobs).await;
            self.recorder.note(recorded.is_ok());
            match recorded {
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

    async fn record(&mut self, generation: Generation, jobs: &[Job]) -> Result<Recording, Failure> {
        if jobs.is_empty() {
            return Ok(Recording::Recorded { uses: Vec::new() });
        }
        let batch = Batch {
            generation,
            at: self.time.now(),
            limited: wanted(jobs),
            decisions: jobs.iter().flat_map(|job| &job.new).collect(),
        };
        self.sizes
            .record(u32::try_from(batch.decisions.len()).unwrap_or(u32::MAX));
        // Taken out while it is in use: after an error or a time-out nobody knows what is under way on it.
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => in_time(CONNECTING, WritingConnection::open(self.store)).await?,
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
