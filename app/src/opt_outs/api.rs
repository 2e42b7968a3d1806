//! What the opt-out pages ask the server for. Each is a public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::{OptOutView, PreviewView, RegisterQuery, RegisterView, RequestFormView};
use crate::error::AppError;

/// A page of the register.
#[server(input = Json)]
pub(super) async fn list_opt_outs(query: RegisterQuery) -> Result<RegisterView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let (filter, mine) = super::filter::read(&query)?;
    let list = service
        .opt_outs(&caller, filter, mine, super::filter::PAGE)
        .await?;
    super::words::register(&service, &caller, list, mine)
}

/// One opt-out.
#[server(input = Json)]
pub(super) async fn get_opt_out(id: String) -> Result<OptOutView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let id = id.parse().map_err(|_| crate::server_side::not_found())?;
    let found = service.opt_out(&caller, id).await?;
    super::words::detail(&service, &caller, found)
}

/// What the request form offers, and what it begins with where `renew` is the id of an opt-out.
#[server(input = Json)]
pub(super) async fn opt_out_form(renew: String) -> Result<RequestFormView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    super::offer::form(&service, &caller, &renew).await
}

/// What would happen if this form were sent. Writes nothing.
#[server(input = Json)]
pub(super) async fn preview_opt_out(form: Vec<(String, String)>) -> Result<PreviewView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    super::offer::preview(&service, &caller, form).await
}
