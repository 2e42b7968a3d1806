//! The answer to an address that is no page.

use leptos::prelude::*;

use crate::{
    component::problem::Problem,
    error::{AppError, AppErrorKind},
};

#[component]
pub(crate) fn NotFound() -> impl IntoView {
    // Shared, since only the server knows the request's id.
    let error = SharedValue::new(|| AppError::new(AppErrorKind::NotFound)).into_inner();
    view! { <Problem error/> }.into_any()
}
