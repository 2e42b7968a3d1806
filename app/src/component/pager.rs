//! Paging by key: from the newest entries to older ones.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// The links below a list. Nothing is shown where all entries are on one page.
#[component]
pub fn Pager(
    /// The address of the entries before the last one shown, if there are any.
    #[prop(into)]
    older: Option<String>,
    /// The address of the first page, if this is another.
    #[prop(into)]
    newest: Option<String>,
) -> impl IntoView {
    (older.is_some() || newest.is_some()).then(|| {
        view! {
            <nav aria-label="Pages" class="flex items-center justify-between gap-4 border-t border-base-300 px-5 py-3">
                {newest
                    .map_or_else(
                        || view! { <span></span> }.into_any(),
                        |href| view! { <a class="btn btn-sm" href=href>"Newest"</a> }.into_any(),
                    )}
                {older
                    .map(|href| {
                        view! {
                            <a class="btn btn-sm" href=href rel="next">
                                "Older"
                                <Icon shape=Shape::ChevronRight/>
                            </a>
                        }
                    })}
            </nav>
        }
        .into_any()
    })
}
