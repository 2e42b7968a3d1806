//! What the page asks the server for.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::DelegationsView;
use crate::error::AppError;

/// The delegations that the reader may see.
#[server(input = Json)]
pub(super) async fn list_delegations() -> Result<DelegationsView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let found = service.delegations(&caller).await?;
    let zone = service.notice_settings(&caller).await?.preferences.zone;
    super::look::delegations(&service, &caller, found, zone)
}
