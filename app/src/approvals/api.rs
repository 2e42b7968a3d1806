//! What the inbox asks the server for. A public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::InboxView;
use crate::error::AppError;

/// What waits for the reader.
#[server(input = Json)]
pub(crate) async fn open_inbox() -> Result<InboxView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let inbox = service.inbox(&caller).await?;
    super::look::inbox(&service, &caller, &inbox)
}
