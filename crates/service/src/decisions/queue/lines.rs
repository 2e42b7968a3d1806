//! A line for each client, served in turns, and bounded in jobs and bytes.
//!
//! INVARIANT: no client keeps another from being recorded. A line has at most as much as is still free, so one client
//! alone fills half of the queue and there is always room for one more; a batch takes a job of each line in turn, and of
//! no line more than its share.

use super::super::NotRecorded;
use domain::id::ClientId;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// How many jobs may wait. Far more than are ever in flight on a healthy database; beyond it, waiting longer helps nobody.
const MOST_WAITING: usize = 8_192;
/// How many bytes of records may wait. In memory a decision takes a few times its record.
const MOST_WAITING_BYTES: usize = 32 << 20;
/// The most jobs in one batch. Rows beyond it gain nothing, and the generation would be held longer.
const MOST_JOBS: usize = 256;
/// The most bytes of one batch; a single job may have more.
const BATCH_BYTES: usize = 8 << 20;
/// The most bytes of one client in a batch; a single job may have more. Others wait for the batch as a whole.
const SHARE_BYTES: usize = 1 << 20;
/// How long a job may wait before it is taken. A late answer is none.
const LATEST: Duration = Duration::from_secs(1);

/// What waits.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    pub(super) client: ClientId,
    /// How much would be recorded.
    pub(super) bytes: usize,
    pub(super) since: Instant,
    pub(super) what: T,
}

/// All lines.
#[derive(Debug)]
pub(super) struct Lines<T> {
    by_client: HashMap<ClientId, Line<T>>,
    /// Clients with a line, in the order in which they are served.
    turns: VecDeque<ClientId>,
    jobs: usize,
    bytes: usize,
    closed: bool,
}

/// Never empty.
#[derive(Debug)]
struct Line<T> {
    waiting: VecDeque<Waiting<T>>,
    bytes: usize,
}

/// What is recorded together.
#[derive(Debug)]
pub(in super::super) struct Gathered<T> {
    pub(in super::super) jobs: Vec<T>,
    bytes: usize,
    of_client: HashMap<ClientId, usize>,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self {
            by_client: HashMap::new(),
            turns: VecDeque::new(),
            jobs: 0,
            bytes: 0,
            closed: false,
        }
    }
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self {
            jobs: Vec::new(),
            bytes: 0,
            of_client: HashMap::new(),
        }
    }
}

impl<T> Lines<T> {
    pub(super) const fn len(&self) -> usize {
        self.jobs
    }

    pub(super) fn push(&mut self, waiting: Waiting<T>) -> Result<(), NotRecorded> {
        if self.closed {
            return Err(NotRecorded::Stopping);
        }
        let (client, bytes) = (waiting.client, waiting.bytes);
        let (own_jobs, own_bytes) = self
            .by_client
            .get(&client)
            .map_or((0, 0), |line| (line.waiting.len(), line.bytes));
        if own_jobs >= MOST_WAITING.saturating_sub(self.jobs)
            || own_bytes + bytes > MOST_WAITING_BYTES.saturating_sub(self.bytes)
        {
            return Err(NotRecorded::QueueFull);
        }
        if own_jobs == 0 {
            self.turns.push_back(client);
        }
        let line = self.by_client.entry(client).or_insert_with(|| Line {
            waiting: VecDeque::new(),
            bytes: 0,
        });
        line.waiting.push_back(waiting);
        line.bytes += bytes;
        self.jobs += 1;
        self.bytes += bytes;
        Ok(())
    }

    /// Adds to a batch what fits.
    pub(super) fn take(&mut self, batch: &mut Gathered<T>) {
        let mut served = Vec::new();
        while batch.jobs.len() < MOST_JOBS
            && let Some(client) = self.turns.pop_front()
        {
            let Some(next) = self.next_bytes(client) else {
                continue;
            };
            let own = batch.of_client.get(&client).copied().unwrap_or_default();
            if own > 0 && own + next > SHARE_BYTES {
                served.push(client);
                continue;
            }
            if batch.bytes > 0 && batch.bytes + next > BATCH_BYTES {
                self.turns.push_front(client);
                break;
            }
            batch.jobs.extend(self.pop(client));
            batch.bytes += next;
            *batch.of_client.entry(client).or_default() += next;
            if self.by_client.contains_key(&client) {
                self.turns.push_back(client);
            }
        }
        self.turns.extend(served);
    }

    /// Takes out what has waited too long. Each line is in the order of arrival.
    pub(super) fn late(&mut self, now: Instant) -> Vec<T> {
        let mut late = Vec::new();
        let clients: Vec<ClientId> = self.turns.iter().copied().collect();
        for client in clients {
            while self.first(client).is_some_and(|first| now - first.since > LATEST) {
                late.extend(self.pop(client));
            }
        }
        self.turns.retain(|client| self.by_client.contains_key(client));
        late
    }

    /// Takes out everything.
    pub(super) fn clear(&mut self) -> Vec<T> {
        self.turns.clear();
        (self.jobs, self.bytes) = (0, 0);
        let lines = self.by_client.drain();
        lines
            .flat_map(|(_, line)| line.waiting)
            .map(|waiting| waiting.what)
            .collect()
    }

    pub(super) const fn close(&mut self) {
        self.closed = true;
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    fn first(&self, client: ClientId) -> Option<&Waiting<T>> {
        self.by_client.get(&client)?.waiting.front()
    }

    fn next_bytes(&self, client: ClientId) -> Option<usize> {
        Some(self.first(client)?.bytes)
    }

    /// The first of a line, which goes once it is empty.
    fn pop(&mut self, client: ClientId) -> Option<T> {
        let line = self.by_client.get_mut(&client)?;
        let Waiting { bytes, what, .. } = line.waiting.pop_front()?;
        line.bytes -= bytes;
        self.jobs -= 1;
        self.bytes -= bytes;
        if line.waiting.is_empty() {
            self.by_client.remove(&client);
        }
        Some(what)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail loudly"
    )]
    use super::*;
    use uuid::Uuid;

    const KIB: usize = 1 << 10;

    fn client(number: u128) -> ClientId {
        ClientId::from_uuid(Uuid::from_u128(number))
    }

    fn job(of: u128, bytes: usize) -> Waiting<u128> {
        Waiting {
            client: client(of),
            bytes,
            since: Instant::now(),
            what: of,
        }
    }

    /// Fills the lines until this client is refused; how many it got in.
    fn flood(lines: &mut Lines<u128>, of: u128, bytes: usize) -> usize {
        std::iter::repeat_with(|| lines.push(job(of, bytes)))
            .take_while(Result::is_ok)
            .count()
    }

    fn batch(lines: &mut Lines<u128>) -> Gathered<u128> {
        let mut batch = Gathered::default();
        lines.take(&mut batch);
        batch
    }

    #[test]
    fn no_client_fills_the_queue_alone_in_jobs_or_in_bytes() {
        for (bytes, clients) in [(1, 8), (700 * KIB, 4)] {
            let mut lines = Lines::default();
            for greedy in 1..=clients {
                assert!(flood(&mut lines, greedy, bytes) > 0, "{greedy} with {bytes}");
                assert!(
                    lines.push(job(100 + greedy, bytes)).is_ok(),
                    "after {greedy} with {bytes}"
                );
            }
            assert!(lines.jobs <= MOST_WAITING && lines.bytes <= MOST_WAITING_BYTES);
        }
    }

    #[test]
    fn whoever_came_last_is_in_the_next_batch() {
        for bytes in [1, KIB, 700 * KIB, 2 * SHARE_BYTES] {
            let mut lines = Lines::default();
            flood(&mut lines, 1, bytes);
            flood(&mut lines, 2, bytes);
            lines.push(job(3, KIB)).unwrap();
            let first = batch(&mut lines);
            assert!(first.jobs.contains(&3), "{bytes}");
        }
    }

    #[test]
    fn a_batch_is_bounded_in_jobs_in_bytes_and_in_each_clients_share() {
        let mut lines = Lines::default();
        for of in (0..40).chain(0..40) {
            lines.push(job(of, 300 * KIB)).unwrap();
        }
        let full = batch(&mut lines);
        assert!(full.bytes <= BATCH_BYTES && full.bytes > BATCH_BYTES - 300 * KIB);
        assert!(full.of_client.values().all(|bytes| *bytes <= SHARE_BYTES));

        let mut lines = Lines::default();
        flood(&mut lines, 1, 300 * KIB);
        assert_eq!(
            batch(&mut lines).jobs.len(),
            3,
            "alone it has no more than its share"
        );

        let mut lines = Lines::default();
        flood(&mut lines, 1, 1);
        assert_eq!(batch(&mut lines).jobs.len(), MOST_JOBS);
    }

    #[test]
    fn everything_is_taken_once_and_nothing_is_forgotten() {
        let mut lines = Lines::default();
        let all: usize = (0..5).map(|of| flood(&mut lines, of, 100 * KIB)).sum();
        let mut taken = 0;
        loop {
            let next = batch(&mut lines).jobs.len();
            if next == 0 {
                break;
            }
            taken += next;
        }
        assert_eq!((taken, lines.jobs, lines.bytes), (all, 0, 0));
        assert!(lines.by_client.is_empty() && lines.turns.is_empty());
    }

    #[test]
    fn what_waited_too_long_is_taken_out() {
        let mut lines = Lines::default();
        lines.push(job(1, 1)).unwrap();
        let now = Instant::now();
        assert!(lines.late(now).is_empty());
        assert_eq!(lines.late(now + LATEST + Duration::from_millis(1)), [1]);
        assert!(batch(&mut lines).jobs.is_empty());
        lines.push(job(1, 1)).unwrap();
        lines.close();
        assert_eq!(lines.push(job(1, 1)), Err(NotRecorded::Stopping));
        assert_eq!(batch(&mut lines).jobs, [1]);
    }
}
