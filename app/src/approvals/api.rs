//! What the inbox asks the server for. A public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::{ActView, InboxView};
use crate::error::AppError;

/// What waits for the reader.
#[server(input = Json)]
pub(crate) async fn open_inbox() -> Result<InboxView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let inbox = service.inbox(&caller).await?;
    let before = service.precedents_beside(&caller, &inbox).await?;
    super::look::inbox(&service, &caller, &inbox, &before)
}

/// What came of deciding several at once.
#[server(input = Json)]
pub(crate) async fn open_act(id: String) -> Result<ActView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    let found = service.bulk_outcome(&caller, id).await?;
    Ok(super::at_once::act(&service, &found))
}
