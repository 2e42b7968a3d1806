//! The instant of a decision: the node's clock corrected to the database's, so that all nodes agree on what is in force.

use super::NotRecorded;
use crate::{Service, ServiceError};
use arc_swap::ArcSwapOption;
use chrono::TimeDelta;
use domain::window::{Instant, to_micros};
use std::sync::Arc;

/// The greatest distance of clocks with which a node decides.
const FARTHEST: TimeDelta = TimeDelta::milliseconds(250);
/// How long a sample counts. A node whose clock jumps further than this decides nothing until the next sample.
const FRESH: TimeDelta = TimeDelta::seconds(30);
/// How many measurements make a sample; the one with the shortest round trip counts.
const MEASUREMENTS: usize = 5;

/// Whose time decisions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// The service's clock, corrected to the database's.
    Corrected,
    /// The service's clock as it is: for tests and simulated time, where the database's says nothing.
    Exact,
}

#[derive(Debug, Clone)]
pub(super) struct Time {
    service: Service,
    offset: Option<Arc<ArcSwapOption<Sample>>>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    /// What to add to the node's clock.
    offset: TimeDelta,
    /// When it was measured, by the node's clock.
    at: Instant,
}

impl Time {
    pub(super) fn new(service: Service, timing: Timing) -> Self {
        let offset = match timing {
            Timing::Corrected => Some(Arc::default()),
            Timing::Exact => None,
        };
        Self { service, offset }
    }

    pub(super) fn now(&self) -> Result<Instant, ServiceError> {
        let node = self.service.now();
        match &self.offset {
            None => Ok(node),
            Some(offset) => corrected(node, offset.load().as_deref()).map_err(Into::into),
        }
    }

    /// The clock without correction, for housekeeping.
    pub(super) fn roughly_now(&self) -> Instant {
        self.service.now()
    }

    /// Measures the distance from the database's clock.
    pub(super) async fn sample(&self) {
        let Some(offset) = &self.offset else { return };
        match self.measure().await {
            Ok(sample) => {
                if sample.offset.abs() > FARTHEST {
                    tracing::error!(
                        offset_ms = sample.offset.num_milliseconds(),
                        "this node's clock is too far from the database's: it decides nothing"
                    );
                }
                offset.store(Some(Arc::new(sample)));
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database's clock cannot be read"
                );
            }
        }
    }

    async fn measure(&self) -> Result<Sample, ServiceError> {
        let mut best: Option<(TimeDelta, Sample)> = None;
        let mut conn = self
            .service
            .store()
            .pool()
            .acquire()
            .await
            .map_err(store::StoreError::from)?;
        for _ in 0..MEASUREMENTS {
            let before = self.service.now();
            let database = store::generation::database_time(&mut *conn).await?;
            let after = self.service.now();
            let round_trip = after - before;
            // The database read its clock somewhere in between; half the round trip is the error at most.
            let sample = Sample {
                offset: database - (before + round_trip / 2),
                at: after,
            };
            if best.as_ref().is_none_or(|(shortest, _)| round_trip < *shortest) {
                best = Some((round_trip, sample));
            }
        }
        best.map(|(_, sample)| sample)
            .ok_or_else(|| NotRecorded::ClockUnknown.into())
    }
}

fn corrected(node: Instant, sample: Option<&Sample>) -> Result<Instant, NotRecorded> {
    let sample = sample.ok_or(NotRecorded::ClockUnknown)?;
    if (node - sample.at).abs() > FRESH {
        return Err(NotRecorded::ClockUnknown);
    }
    if sample.offset.abs() > FARTHEST {
        return Err(NotRecorded::ClockOff);
    }
    Ok(to_micros(node + sample.offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(offset_ms: i64, at: Instant) -> Sample {
        Sample {
            offset: TimeDelta::milliseconds(offset_ms),
            at,
        }
    }

    #[test]
    fn a_node_decides_only_by_a_clock_that_it_knows_to_be_near() {
        let at = Instant::UNIX_EPOCH;
        assert!(matches!(corrected(at, None), Err(NotRecorded::ClockUnknown)));
        assert!(matches!(
            corrected(at, Some(&sample(251, at))),
            Err(NotRecorded::ClockOff)
        ));
        assert!(matches!(
            corrected(at, Some(&sample(-251, at))),
            Err(NotRecorded::ClockOff)
        ));
        let later = at + FRESH + TimeDelta::microseconds(1);
        assert!(matches!(
            corrected(later, Some(&sample(0, at))),
            Err(NotRecorded::ClockUnknown)
        ));
        // A clock that was set back is as unknown as one that ran ahead.
        assert!(matches!(
            corrected(at, Some(&sample(0, later))),
            Err(NotRecorded::ClockUnknown)
        ));
    }

    #[test]
    fn the_offset_is_added() {
        let at = Instant::UNIX_EPOCH;
        let now = corrected(at, Some(&sample(-250, at)));
        assert_eq!(now.ok(), Some(at - TimeDelta::milliseconds(250)));
    }
}
