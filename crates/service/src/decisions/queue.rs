//! Where jobs wait for a lane.

mod lines;

use super::NotRecorded;
use super::writer::{Job, Verdict};
pub(super) use lines::Gathered;
use lines::{Lines, Waiting};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// A job and who waits for its verdict.
pub(super) type Asking = (Job, oneshot::Sender<Verdict>);

/// The jobs that wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lines: Mutex<Lines<Asking>>,
    arrived: Notify,
}

impl Queue {
    /// Lines a job up. Errors at once where its client has no room left, or where nobody records any more.
    pub(super) fn push(&self, job: Job) -> Result<oneshot::Receiver<Verdict>, NotRecorded> {
        let (answer, verdict) = oneshot::channel();
        let waiting = Waiting {
            client: job.client,
            bytes: job.bytes,
            since: Instant::now(),
            what: (job, answer),
        };
        self.lines().push(waiting)?;
        self.0.arrived.notify_one();
        Ok(verdict)
    }

    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        self.lines().len()
    }

    /// Waits until a job has arrived since the last call. For one task at a time.
    pub(super) async fn arrived(&self) {
        self.0.arrived.notified().await;
    }

    /// Adds to a batch what fits.
    pub(super) fn take(&self, batch: &mut Gathered<Asking>) {
        let late = {
            let mut lines = self.lines();
            let late = lines.late(Instant::now());
            lines.take(batch);
            late
        };
        fail(late);
    }

    /// Takes no more jobs. What waits is still to be had.
    pub(super) fn close(&self) {
        self.lines().close();
    }

    /// Whether it takes no more jobs.
    pub(super) fn is_closed(&self) -> bool {
        self.lines().is_closed()
    }

    /// Tells all who wait that nothing can be recorded now.
    pub(super) fn fail_all(&self) {
        let all = self.lines().clear();
        fail(all);
    }

    fn lines(&self) -> MutexGuard<'_, Lines<Asking>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fail(waiting: Vec<Asking>) {
    for (_, answer) in waiting {
        // Who went away meanwhile needs no answer.
        let _ = answer.send(Verdict::Unavailable);
    }
}
