//! One of the writer's lanes: takes a batch, records it on a connection of its own, answers, and takes the next.

use super::batch::{losers, wanted};
use super::queue::{Asking, Gathered, Queue};
use super::writer::{Job, Recorder, Verdict};
use crate::clock::Clock as _;
use crate::time::Time;
use domain::id::OptOutId;
use metrics::{Histogram, histogram};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::decisions::{Batch, Recording, WritingConnection};
use store::generation::Generation;
use store::{Store, StoreError};
use tokio::sync::{Mutex, oneshot};
use tokio_util::sync::CancellationToken;

/// A batch that is smaller, while batches have been larger, gives other tasks a moment to join it.
const SMALL: usize = 16;
/// How often other tasks get their turn before a small batch leaves. Each is some ten microseconds under load; a timer
/// would be a hundred times coarser.
const TURNS: usize = 4;
/// How long the database may take with a batch: longer than the connection's `statement_timeout`, so that no batch is
/// recorded whose jobs were told that it is not.
const PATIENCE: Duration = Duration::from_millis(1_400);
/// How long a connection may take to come about. Together with [`PATIENCE`] it is how long a database that hangs keeps
/// anybody waiting: 2 s.
const CONNECTING: Duration = Duration::from_millis(600);

/// Takes a batch, records it, and takes the next.
pub(super) struct Lane<'a> {
    jobs: &'a Queue,
    /// Held while a batch gathers.
    gathering: &'a Mutex<()>,
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
        jobs: &'a Queue,
        gathering: &'a Mutex<()>,
        store: &'a Store,
        time: &'a Time,
        recorder: &'a Recorder,
    ) -> Self {
        Self {
            jobs,
            gathering,
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
    async fn next(&self, stop: &CancellationToken) -> Option<Vec<Asking>> {
        let _gathering = self.gathering.lock().await;
        let mut batch = Gathered::default();
        loop {
            self.jobs.take(&mut batch);
            if !batch.jobs.is_empty() {
                break;
            }
            if self.jobs.is_closed() {
                return None;
            }
            tokio::select! {
                () = self.jobs.arrived() => {}
                () = stop.cancelled() => self.jobs.close(),
            }
        }
        self.gather(&mut batch).await;
        Some(batch.jobs)
    }

    /// Lets a small batch grow while there is company about. Alone, a request leaves at once.
    async fn gather(&self, batch: &mut Gathered<Asking>) {
        for _ in 0..TURNS {
            if batch.jobs.len() >= SMALL || batch.jobs.len() >= self.last {
                return;
            }
            tokio::task::yield_now().await;
            self.jobs.take(batch);
        }
    }

    /// Answers every job of a batch. Who no longer waits is recorded all the same.
    async fn settle(&mut self, batch: Vec<Asking>) {
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
        let mut locked_out = false;
        loop {
            let recorded = self.record(newest, &jobs).await;
            self.recorder
                .note(!matches!(recorded, Err(Failure::Store(_) | Failure::Late)));
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
                // Somebody holds a row or the generation. Whoever does not need that row does not wait for it again.
                Err(Failure::Locked) if !locked_out || jobs.iter().any(Job::is_limited) => {
                    let held = match locked_out {
                        false => self.locked(&jobs).await,
                        true => wanted(&jobs).into_iter().map(|(id, _)| id).collect(),
                    };
                    tracing::warn!(opt_outs = held.len(), "somebody holds what decisions wait for");
                    (jobs, answers) = without_uses_of(jobs, answers, &held);
                    locked_out = true;
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        jobs = jobs.len(),
                        "decisions were not recorded"
                    );
                    if matches!(error, Failure::Late) {
                        // Nobody else is to find out by waiting as long.
                        self.jobs.fail_all();
                    }
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
        let mut conn = self.connection().await?;
        let recorded = in_time(PATIENCE, conn.record(&batch)).await;
        if matches!(recorded, Ok(_) | Err(Failure::Locked)) {
            self.conn = Some(conn);
        }
        recorded
    }

    /// The limited opt-outs of these jobs that somebody holds; all of them where that cannot be told.
    async fn locked(&mut self, jobs: &[Job]) -> BTreeSet<OptOutId> {
        let ids: Vec<OptOutId> = wanted(jobs).into_iter().map(|(id, _)| id).collect();
        if ids.is_empty() {
            return BTreeSet::new();
        }
        let asked = async {
            let mut conn = self.connection().await?;
            let locked = in_time(PATIENCE, conn.locked(&ids)).await?;
            self.conn = Some(conn);
            Ok::<_, Failure>(locked)
        };
        asked.await.unwrap_or_else(|_| ids.iter().copied().collect())
    }

    /// The lane's connection. Taken out while it is in use: after an error or a time-out nobody knows what is under way
    /// on it.
    async fn connection(&mut self) -> Result<WritingConnection, Failure> {
        match self.conn.take() {
            Some(conn) => Ok(conn),
            None => in_time(CONNECTING, WritingConnection::open(self.store)).await,
        }
    }
}

/// Why a batch was not recorded.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the database refused")]
    Store(#[source] StoreError),
    #[error("somebody else held a row or the generation")]
    Locked,
    #[error("the database did not answer in time")]
    Late,
}

async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if error.is_lock_timeout() => Err(Failure::Locked),
        Ok(Err(error)) => Err(Failure::Store(error)),
        Err(_) => Err(Failure::Late),
    }
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

/// Sends away the jobs that need uses of these opt-outs.
fn without_uses_of(
    jobs: Vec<Job>,
    answers: Vec<oneshot::Sender<Verdict>>,
    held: &BTreeSet<OptOutId>,
) -> (Vec<Job>, Vec<oneshot::Sender<Verdict>>) {
    let mut kept = (Vec::new(), Vec::new());
    for (job, answer) in jobs.into_iter().zip(answers) {
        if job.limited.iter().flatten().any(|id| held.contains(id)) {
            let _ = answer.send(Verdict::Unavailable);
        } else {
            kept.0.push(job);
            kept.1.push(answer);
        }
    }
    kept
}
