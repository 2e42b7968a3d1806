//! The white box with a heading that pages are laid out in.

use leptos::prelude::*;

/// A section of a page.
#[component]
pub fn Panel(
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What stands at the right of the heading: a note or a link.
    #[prop(optional)]
    aside: Option<AnyView>,
    /// Whether the content reaches the edges, as tables and lists do.
    #[prop(optional)]
    flush: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    let (panel, body) = if flush {
        ("panel overflow-x-auto", "border-t border-base-300")
    } else {
        ("panel", "px-5 pb-5")
    };
    view! {
        <section class=panel>
            <div class="panel-head">
                <h2 class="panel-title">{title}</h2>
                {aside}
            </div>
            <div class=body>{children()}</div>
        </section>
    }
    .into_any()
}

/// A link in the head of a panel, such as "Open inbox".
#[component]
pub fn PanelLink(
    /// Where to.
    #[prop(into)]
    href: String,
    /// What it says.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <a class="link link-hover text-sm text-primary" href=href>
            {label}
        </a>
    }
    .into_any()
}

/// The page's two columns: what the reader came for, and at its right what helps to judge it. One column on small screens.
#[component]
pub fn Columns(
    /// The right column.
    aside: AnyView,
    /// Whether the right column stays in sight while the left one scrolls.
    #[prop(optional)]
    sticky: bool,
    /// The left column.
    children: Children,
) -> impl IntoView {
    let aside_class = if sticky {
        "space-y-5 lg:sticky lg:top-6 min-w-0"
    } else {
        "space-y-5 min-w-0"
    };
    view! {
        <div class="mt-6 grid gap-5 lg:grid-cols-[minmax(0,1fr)_21rem] items-start">
            <div class="space-y-5 min-w-0">{children()}</div>
            <aside class=aside_class>{aside}</aside>
        </div>
    }
    .into_any()
}
