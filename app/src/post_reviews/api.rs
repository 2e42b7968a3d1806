//! What the page asks the server for. A public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::PostReviewView;
use crate::error::AppError;

/// One review.
#[server(input = Json)]
pub(super) async fn get_post_review(id: String) -> Result<PostReviewView, AppError> {
    use service::post_reviews::About;
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    let found = service.post_review(&caller, id).await?;
    let about = match &found.about {
        About::OptOut(about) => {
            let opt_out = service.opt_out(&caller, about.opt_out.id).await?;
            super::look::opt_out(&service, &caller, about, opt_out)?
        }
        About::Access(about) => super::look::access(&service, &caller, &found, about)?,
    };
    Ok(super::look::review(&service, found, about))
}
