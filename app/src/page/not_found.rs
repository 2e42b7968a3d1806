//! The answer to an address that is no page.

use leptos::prelude::*;

use crate::{
    component::problem::Problem,
    error::{AppError, AppErrorKind},
};

#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! { <Problem error=AppError::new(AppErrorKind::NotFound)/> }
}
