//! What the pages of notices ask the server for. Each is a public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::{DeliveriesView, EndpointPageView, EndpointsView, NoticesView, SettingsView};
use crate::error::AppError;

/// A page of the reader's notices.
#[server(input = Json)]
pub(super) async fn list_notices(before: String) -> Result<NoticesView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    super::look::notices(&service, &caller, &before).await
}

/// How the reader is told.
#[server(input = Json)]
pub(super) async fn notice_settings() -> Result<SettingsView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    Ok(super::look::settings(service.notice_settings(&caller).await?))
}

/// All endpoints.
#[server(input = Json)]
pub(super) async fn list_endpoints() -> Result<EndpointsView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    super::look::endpoints(&service, &caller).await
}

/// One endpoint; with its secret where `reveal` asks for it.
#[server(input = Json)]
pub(super) async fn open_endpoint(id: String, reveal: bool) -> Result<EndpointPageView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    Ok(super::look::endpoint(
        service.endpoint(&caller, id, reveal).await?,
    ))
}

/// What has not arrived; of what was given up, the page after `before`.
#[server(input = Json)]
pub(super) async fn undelivered(before: String) -> Result<DeliveriesView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    super::look::deliveries(&service, &caller, &before).await
}
