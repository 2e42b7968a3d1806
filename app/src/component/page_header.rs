//! The head of a page: where it is, what it shows, in what state, what one can do.

use leptos::{html, prelude::*};
use leptos_meta::Title;

use crate::focus::focus_after_navigation;

/// One step of the way to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    label: String,
    href: Option<String>,
}

impl Crumb {
    /// A page above this one.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: Some(href.into()),
        }
    }

    /// This page, the last step.
    pub fn here(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: None,
        }
    }
}

/// The head of a page. It sets the document's title, and takes the focus after a navigation.
#[component]
pub fn PageHeader(
    /// The heading: what this page shows, or better what it says ("Four things wait for you").
    #[prop(into)]
    title: String,
    /// The title of the window, where the heading is too long or changes by itself.
    #[prop(optional, into)]
    window_title: Option<String>,
    /// The way here, for pages below another.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// A sentence below the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// State, tier, id and time left.
    #[prop(optional)]
    badges: Option<AnyView>,
    /// Links and buttons at the right.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    focus_after_navigation(heading);
    let window_title = window_title.unwrap_or_else(|| title.clone());
    view! {
        <Title text=window_title/>
        {(!crumbs.is_empty()).then(|| view! { <Crumbs crumbs/> })}
        <div class="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
            <div class="min-w-0">
                <h1 node_ref=heading class="page-title wrap-anywhere" tabindex="-1">
                    {title}
                </h1>
                {note.map(|note| view! { <p class="note mt-1 max-w-3xl">{note}</p> })}
                {badges
                    .map(|badges| {
                        view! {
                            <div class="mt-2 flex flex-wrap items-center gap-x-2 gap-y-1.5 text-sm">
                                {badges}
                            </div>
                        }
                    })}
            </div>
            {actions
                .map(|actions| view! { <div class="flex flex-wrap gap-2 print:hidden">{actions}</div> })}
        </div>
    }
    .into_any()
}

#[component]
fn Crumbs(crumbs: Vec<Crumb>) -> impl IntoView {
    let items = crumbs
        .into_iter()
        .map(|crumb| match crumb.href {
            Some(href) => view! {
                <li class="after:px-1.5 after:content-['/']">
                    <a class="link link-hover" href=href>
                        {crumb.label}
                    </a>
                </li>
            }
            .into_any(),
            None => view! { <li aria-current="page">{crumb.label}</li> }.into_any(),
        })
        .collect_view();
    view! {
        <nav aria-label="Breadcrumb" class="mb-2 text-sm text-base-content/70">
            <ol class="flex flex-wrap">{items}</ol>
        </nav>
    }
    .into_any()
}
