//! What the page asks the server for. Each is a public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::{BreakGlassFormView, TermsView};
use crate::error::AppError;

/// What the form offers; for a decision that stands in the way, where one is named.
#[server(input = Json)]
pub(super) async fn break_glass_form(decision: String) -> Result<BreakGlassFormView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let offer = service.break_glass_offer(&caller, decision.parse().ok()).await?;
    Ok(super::look::form(&service, &offer))
}

/// What it would come to if this form were sent. Writes nothing.
#[server(input = Json)]
pub(super) async fn check_break_glass(form: Vec<(String, String)>) -> Result<TermsView, AppError> {
    use super::input::Typed;
    let (service, caller) = crate::server_side::acting()?;
    let terms = match super::look::typed(form)? {
        Typed::Bypass(input) => service.check_break_glass(&caller, &input).await?,
        Typed::Access(input) => service.check_emergency_access(&caller, &input).await?,
    };
    super::look::terms(&service, &caller, terms)
}
