//! A list without entries: what would stand here, and how to get there.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// An empty list's place, of about the height of a few rows.
#[component]
pub fn EmptyState(
    /// An icon for what is missing.
    shape: Shape,
    /// What is the case: "Nothing waits for you".
    #[prop(into)]
    title: String,
    /// What would be listed here, and when.
    #[prop(into)]
    note: String,
    /// The next step: a link or a button.
    #[prop(optional)]
    action: Option<AnyView>,
) -> impl IntoView {
    view! {
        <div class="grid justify-items-center px-5 py-10 text-center">
            <span class="grid size-10 place-items-center rounded-full border border-base-300 text-base-content/60">
                <Icon shape class="size-5"/>
            </span>
            <p class="mt-3 text-sm font-medium">{title}</p>
            <p class="note mt-1 max-w-md text-balance">{note}</p>
            {action.map(|action| view! { <div class="mt-4 flex flex-wrap justify-center gap-2">{action}</div> })}
        </div>
    }
    .into_any()
}
