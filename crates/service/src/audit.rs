//! The audit log: every change of state, one event whole, one decision explained.

mod explorer;
mod place;

pub use explorer::{DecisionExplained, Replayed, RuleSaid, Said};
pub use place::LedgerPlace;
pub use store::decisions::Filter as DecisionFilter;
pub use store::events::{Event, Filter as EventFilter};

use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use domain::id::EventId;
use domain::role::Permission;
use domain::window::Instant;

/// A page of events.
#[derive(Debug, Clone)]
pub struct EventList {
    /// Newest first.
    pub events: Vec<Event>,
    /// Where the next page begins, if there is one.
    pub next: Option<EventId>,
    /// When this was read.
    pub now: Instant,
}

/// One event whole.
#[derive(Debug, Clone)]
pub struct EventDetail {
    /// The event.
    pub event: Event,
    /// Where its leaf stands.
    pub place: LedgerPlace,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// A page of events.
    pub async fn events(
        &self,
        caller: &PersonCaller,
        filter: EventFilter,
        limit: usize,
    ) -> Result<EventList, ServiceError> {
        caller.authorise(Permission::ReadAudit)?;
        let limit = limit.clamp(1, 200);
        let one_more = i64::try_from(limit).unwrap_or(200) + 1;
        let mut events = store::events::list(self.store().pool(), &filter, one_more).await?;
        let more = events.len() > limit;
        events.truncate(limit);
        Ok(EventList {
            next: events.last().filter(|_| more).map(|event| event.id),
            events,
            now: self.now(),
        })
    }

    /// One event, with its place in the ledger.
    pub async fn event(&self, caller: &PersonCaller, id: EventId) -> Result<EventDetail, ServiceError> {
        caller.authorise(Permission::ReadAudit)?;
        let found = store::events::find(self.store().pool(), id).await?;
        let event = found.ok_or(ServiceError::NotFound { what: "event" })?;
        Ok(EventDetail {
            place: self.ledger_place(&event.leaf_hash).await?,
            now: self.now(),
            event,
        })
    }
}
