//! The one clock of a node: the database's, so that all nodes agree on what is in force.
//!
//! Between two samples of it time is counted by the machine's monotonic clock, so setting the machine's clock changes no
//! instant. Where the machine's clock is far from the database's, one of the two is wrong and nobody knows which: then
//! [`Time::checked`] errs, and a node that it errs on decides nothing, changes nothing and ends nothing.

use crate::ServiceError;
use crate::clock::Clock;
use arc_swap::ArcSwapOption;
use chrono::TimeDelta;
use domain::window::{Instant, to_micros};
use std::sync::Arc;
use std::time::{Duration, Instant as Monotonic};
use store::Store;
use store::generation::ClockConnection;
use tokio_util::sync::CancellationToken;

/// The greatest distance of the machine's clock from the database's with which a node works.
const FARTHEST: TimeDelta = TimeDelta::milliseconds(250);
/// The longest round trip of a measurement that counts: half of it is the measurement's error.
const SLOWEST: Duration = Duration::from_millis(250);
/// How long a sample counts.
const FRESH: Duration = Duration::from_secs(30);
/// How many measurements make a sample; the one with the shortest round trip counts.
const MEASUREMENTS: usize = 5;
/// How often the database's clock is sampled.
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
/// How soon it is sampled again where the last attempt failed.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// How long a sample may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why nobody knows what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The database's clock has not been read lately.
    #[error("this node has not been able to read the database's clock")]
    Unknown,
    /// The machine's clock and the database's differ by more than 250 ms.
    #[error("this node's clock is {offset_ms} ms from the database's; at most 250 ms are allowed")]
    Off {
        /// The machine's clock less the database's, in milliseconds.
        offset_ms: i64,
    },
}

impl From<ClockError> for ServiceError {
    fn from(why: ClockError) -> Self {
        Self::Unavailable(Box::new(why))
    }
}

/// Tells the time to a node and all its parts.
#[derive(Debug, Clone)]
pub struct Time {
    node: Arc<dyn Clock>,
    /// None where `node` is right by definition.
    database: Option<Arc<ArcSwapOption<Sample>>>,
}

/// What the database's clock said, and when.
#[derive(Debug, Clone, Copy)]
struct Sample {
    database: Instant,
    taken: Monotonic,
}

impl Sample {
    fn plus(&self, elapsed: Duration) -> Instant {
        self.database + TimeDelta::from_std(elapsed).unwrap_or(TimeDelta::MAX)
    }
}

impl Time {
    /// The database's clock, for a node whose own clock is `node`. Unknown until [`Self::sample`] has succeeded.
    pub fn of_database(node: Arc<dyn Clock>) -> Self {
        Self {
            node,
            database: Some(Arc::default()),
        }
    }

    /// This clock as it is: for tests and simulated time, of which the database's says nothing.
    pub const fn exact(clock: Arc<dyn Clock>) -> Self {
        Self {
            node: clock,
            database: None,
        }
    }

    /// Now. Errors while the database's clock is unknown or too far from the machine's.
    pub fn checked(&self) -> Result<Instant, ClockError> {
        let node = self.node.now();
        let Some(database) = &self.database else {
            return Ok(node);
        };
        let sample = database.load();
        let sample = sample.as_deref().ok_or(ClockError::Unknown)?;
        checked(sample, sample.taken.elapsed(), node)
    }

    /// How far the machine's clock is ahead of the database's; none before that was read.
    pub fn offset(&self) -> Option<TimeDelta> {
        self.sampled().map(|now| self.node.now() - now)
    }

    /// Now by the database's clock once it has been read, however long ago; none before. Nothing may follow from it but
    /// what is shown and how far back is read.
    pub fn sampled(&self) -> Option<Instant> {
        let Some(database) = &self.database else {
            return Some(self.node.now());
        };
        let sample = database.load();
        let sample = sample.as_deref()?;
        Some(to_micros(sample.plus(sample.taken.elapsed())))
    }

    /// Now within a transaction, by the clock that decides whether something has ended.
    pub(crate) async fn of_transaction(&self, tx: &mut store::Tx) -> Result<Instant, ServiceError> {
        match self.database {
            Some(_) => Ok(store::generation::database_time(tx.conn()).await?),
            None => Ok(self.node.now()),
        }
    }

    /// Reads the database's clock over a connection. Nothing changes where every round trip was too slow.
    pub async fn sample(&self, conn: &mut ClockConnection) -> Result<(), ServiceError> {
        let Some(database) = &self.database else {
            return Ok(());
        };
        let mut best: Option<(Duration, Sample)> = None;
        for _ in 0..MEASUREMENTS {
            let before = Monotonic::now();
            let read = conn.read().await?;
            let taken = Monotonic::now();
            best = nearer(best, read, taken - before, taken);
        }
        let (_, sample) = best.ok_or(ClockError::Unknown)?;
        database.store(Some(Arc::new(sample)));
        if let Err(error @ ClockError::Off { .. }) = self.checked() {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "this node decides nothing"
            );
        }
        Ok(())
    }

    /// Samples once over a connection of its own, within two seconds.
    pub async fn sample_once(&self, store: &Store) -> Result<(), ServiceError> {
        if self.database.is_none() {
            return Ok(());
        }
        let mut conn = None;
        self.sample_over(store, &mut conn).await
    }

    /// Samples until `stop`, over a connection that nothing else uses.
    pub async fn keep(self, store: Store, stop: CancellationToken) {
        let mut conn = None;
        let mut wait = SAMPLE_EVERY;
        while tokio::time::timeout(wait, stop.cancelled()).await.is_err() {
            wait = match self.sample_over(&store, &mut conn).await {
                Ok(()) => SAMPLE_EVERY,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the database's clock cannot be read"
                    );
                    RETRY_EVERY
                }
            };
        }
    }

    async fn sample_over(
        &self,
        store: &Store,
        conn: &mut Option<ClockConnection>,
    ) -> Result<(), ServiceError> {
        let sampled = async {
            // Taken out while it is in use: after an error or a time-out nobody knows what is under way on it.
            let mut held = match conn.take() {
                Some(held) => held,
                None => ClockConnection::open(store).await?,
            };
            self.sample(&mut held).await?;
            *conn = Some(held);
            Ok(())
        };
        tokio::time::timeout(PATIENCE, sampled)
            .await
            .map_err(|_| ServiceError::from(ClockError::Unknown))?
    }
}

/// The database's time where it is known, for what is shown and for what a check guards.
impl Clock for Time {
    fn now(&self) -> Instant {
        self.sampled().unwrap_or_else(|| self.node.now())
    }
}

/// The better of two measurements; one that took too long is none.
fn nearer(
    best: Option<(Duration, Sample)>,
    read: Instant,
    round_trip: Duration,
    taken: Monotonic,
) -> Option<(Duration, Sample)> {
    if round_trip > SLOWEST || best.as_ref().is_some_and(|(shortest, _)| *shortest <= round_trip) {
        return best;
    }
    // The database read its clock somewhere in between; half the round trip is the error at most.
    let half = TimeDelta::from_std(round_trip / 2).unwrap_or(TimeDelta::MAX);
    let sample = Sample {
        database: read + half,
        taken,
    };
    Some((round_trip, sample))
}

fn checked(sample: &Sample, elapsed: Duration, node: Instant) -> Result<Instant, ClockError> {
    if elapsed > FRESH {
        return Err(ClockError::Unknown);
    }
    let now = sample.plus(elapsed);
    let offset = node - now;
    if offset.abs() > FARTHEST {
        return Err(ClockError::Off {
            offset_ms: offset.num_milliseconds(),
        });
    }
    Ok(to_micros(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample {
            database: Instant::UNIX_EPOCH,
            taken: Monotonic::now(),
        }
    }

    #[test]
    fn node_works_only_while_its_clock_is_near_the_database() {
        let sample = sample();
        let second = Duration::from_secs(1);
        let now = Instant::UNIX_EPOCH + TimeDelta::seconds(1);
        for (offset_ms, works) in [(0, true), (250, true), (-250, true), (251, false), (-251, false)] {
            let node = now + TimeDelta::milliseconds(offset_ms);
            let expected = if works {
                Ok(now)
            } else {
                Err(ClockError::Off { offset_ms })
            };
            assert_eq!(checked(&sample, second, node), expected, "{offset_ms}");
        }
    }

    #[test]
    fn sample_ages_by_the_monotonic_clock() {
        let sample = sample();
        let late = FRESH + Duration::from_micros(1);
        // The machine's clock agrees with either: it says nothing about the age of a sample.
        assert_eq!(
            checked(&sample, late, Instant::UNIX_EPOCH),
            Err(ClockError::Unknown)
        );
        assert_eq!(
            checked(&sample, late, sample.plus(late)),
            Err(ClockError::Unknown)
        );
        assert_eq!(
            checked(&sample, FRESH, sample.plus(FRESH)),
            Ok(sample.plus(FRESH))
        );
    }

    #[test]
    fn slow_measurement_does_not_count_and_the_quickest_one_does() {
        let at = Instant::UNIX_EPOCH;
        let taken = Monotonic::now();
        assert!(nearer(None, at, SLOWEST + Duration::from_micros(1), taken).is_none());
        let first = nearer(None, at, SLOWEST, taken);
        let second = nearer(first, at, Duration::from_millis(10), taken);
        let third = nearer(second, at, Duration::from_millis(20), taken);
        assert_eq!(
            third.map(|(_, sample)| sample.database),
            Some(at + TimeDelta::milliseconds(5))
        );
    }
}
