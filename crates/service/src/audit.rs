//! The audit log: every change of state, and one event whole.

use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use domain::id::EventId;
use domain::role::Permission;
use domain::window::Instant;
use store::events::{Event, Filter};

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

impl Service {
    /// A page of events.
    pub async fn events(
        &self,
        caller: &PersonCaller,
        filter: Filter,
        limit: usize,
    ) -> Result<EventList, ServiceError> {
        caller.authorise(Permission::ReadAudit)?;
        let limit = limit.clamp(1, 200);
        let one_more = i64::try_from(limit).unwrap_or(200) + 1;
        let mut events = store::events::list(self.store().pool(), &filter, one_more).await?;
        let more = events.len() > limit;
        events.truncate(limit);
        Ok(EventList { next: events.last().filter(|_| more).map(|event| event.id), events, now: self.now() })
    }

    /// One event.
    pub async fn event(&self, caller: &PersonCaller, id: EventId) -> Result<Event, ServiceError> {
        caller.authorise(Permission::ReadAudit)?;
        store::events::find(self.store().pool(), id).await?.ok_or(ServiceError::NotFound { what: "event" })
    }
}
