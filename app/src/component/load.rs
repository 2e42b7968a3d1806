//! From a resource to a page: wait, then show what came or the one problem panel.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::problem::Problem;
use crate::error::AppError;

/// Shows a page's data once it is there. On the server the page waits for it (`SsrMode::Async`); in the browser the old
/// page stays until the new one is ready, and a skeleton stands where there is none.
///
/// The page's type is erased here: the types of whole pages inside a future take the compiler to its limits.
///
/// ```text
/// let requests = Resource::new(filter, list_requests);
/// load(requests, |page| view! { <PageHeader title="Requests"/> … })
/// ```
pub fn load<T, V>(
    resource: Resource<Result<T, AppError>>,
    show: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + Send + 'static,
{
    view! {
        <Transition fallback=|| {
            view! { <Skeleton/> }
        }>
            {move || {
                let show = show.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(data) => show(data).into_any(),
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

/// The outline of a page whose data is on its way.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div aria-busy="true">
            <span class="sr-only" role="status">
                "Loading"
            </span>
            <div class="skeleton h-8 w-72 max-w-full"></div>
            <div class="skeleton mt-3 h-4 w-96 max-w-full"></div>
            <div class="skeleton mt-6 h-64 w-full rounded-box"></div>
        </div>
    }
    .into_any()
}
