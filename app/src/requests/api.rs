//! What the pages of requests ask the server for. Each is a public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::{RequestFilter, RequestList, RequestView};
use crate::error::AppError;

/// A page of requests.
#[server(input = Json)]
pub(crate) async fn list_requests(filter: RequestFilter) -> Result<RequestList, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    super::filter::list(&service, &caller, &filter).await
}

/// One request, to follow or to decide on.
#[server(input = Json)]
pub(crate) async fn open_request(id: String) -> Result<RequestView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    super::look::open(&service, &caller, id).await
}
