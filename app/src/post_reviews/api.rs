//! What the page asks the server for. A public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::PostReviewView;
use crate::error::AppError;

/// One review.
#[server(input = Json)]
pub(super) async fn get_post_review(id: String) -> Result<PostReviewView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    let found = service.post_review(&caller, id).await?;
    let opt_out = service.opt_out(&caller, found.review.opt_out).await?;
    super::look::review(&service, &caller, found, opt_out)
}
