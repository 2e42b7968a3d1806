//! What the audit pages ask the server for. Each is a public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::{DecisionQuery, DecisionView, DecisionsView, EventQuery, EventView, EventsView};
use crate::error::AppError;

/// A page of the log.
#[server(input = Json)]
pub(super) async fn list_events(query: EventQuery) -> Result<EventsView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let filter = super::filter::events(&query, &service)?;
    let list = service.events(&caller, filter, super::filter::PAGE).await?;
    Ok(super::words::events(&service, list))
}

/// One event.
#[server(input = Json)]
pub(super) async fn get_event(id: String) -> Result<EventView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    let found = service.event(&caller, id).await?;
    Ok(super::words::event(&service, found))
}

/// A page of decisions.
#[server(input = Json)]
pub(super) async fn list_decisions(query: DecisionQuery) -> Result<DecisionsView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let filter = super::filter::decisions(&query, &service)?;
    let list = service.decisions(&caller, filter, super::filter::PAGE).await?;
    super::words::decisions(&service, &caller, list)
}

/// One decision explained.
#[server(input = Json)]
pub(super) async fn explain_decision(id: String) -> Result<DecisionView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    let found = service.explain_decision(&caller, id).await?;
    super::words::decision(&service, &caller, found)
}
