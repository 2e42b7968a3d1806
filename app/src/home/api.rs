//! What the start page asks the server for. A public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::HomeView;
use crate::error::AppError;

/// The reader's start page.
#[server(input = Json)]
pub(super) async fn open_home() -> Result<HomeView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let home = service.home(&caller).await?;
    super::look::home(&service, &caller, &home)
}
