//! Rows of things that are opened one by one: the inbox, what is mine, what ends soon.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// A list inside a flush [`Panel`](super::panel::Panel).
#[component]
pub fn RowList(
    /// Its id, for [`row_keys`](super::row_keys).
    #[prop(optional)]
    id: Option<&'static str>,
    /// One [`Row`] after another.
    children: Children,
) -> impl IntoView {
    view! { <ul id=id class="divide-y divide-base-300">{children()}</ul> }.into_any()
}

/// One row. All of it opens the thing; the link is its title.
#[component]
pub fn Row(
    /// What kind of thing it is.
    shape: Shape,
    /// What it is called.
    #[prop(into)]
    title: String,
    /// Where it opens.
    #[prop(into)]
    href: String,
    /// What helps to tell it from others: who, what, how long.
    #[prop(into)]
    note: String,
    /// What stands before all else: a box that selects it.
    #[prop(optional)]
    start: Option<AnyView>,
    /// How it is approved, for [`row_keys`](super::row_keys).
    #[prop(optional_no_strip)]
    approve: Option<&'static str>,
    /// Badges and time at the right.
    #[prop(optional)]
    end: Option<AnyView>,
) -> impl IntoView {
    view! {
        <li
            data-approve=approve
            class="relative flex items-center gap-4 px-5 py-3 hover:bg-base-200/70 has-[a:focus-visible]:bg-base-200/70"
        >
            {start}
            <span class="text-base-content/60">
                <Icon shape/>
            </span>
            <div class="min-w-0 grow">
                <a class="block font-medium text-sm leading-snug hover:underline after:absolute after:inset-0" href=href>
                    {title}
                </a>
                <p class="note line-clamp-2 mt-0.5">{note}</p>
            </div>
            {end
                .map(|end| {
                    view! {
                        <div class="flex shrink-0 flex-col items-end gap-1.5 sm:flex-row sm:items-center sm:gap-3 text-sm whitespace-nowrap">
                            {end}
                        </div>
                    }
                })}
        </li>
    }
    .into_any()
}
