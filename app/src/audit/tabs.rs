//! The two lists of the audit log.

use leptos::prelude::*;

/// Which list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// Changes of state.
    Events,
    /// Evaluations.
    Decisions,
}

/// Links to both.
#[component]
pub(super) fn Tabs(shown: Tab) -> impl IntoView {
    let links = [
        (Tab::Events, "Events", "/audit"),
        (Tab::Decisions, "Decisions", "/audit/decisions"),
    ]
    .into_iter()
    .map(|(tab, label, href)| {
        let here = tab == shown;
        view! {
            <a class="tab" class:tab-active=here href=href aria-current=here.then_some("page")>
                {label}
            </a>
        }
    })
    .collect_view();
    view! {
        <nav aria-label="Lists" class="tabs tabs-border mt-4">
            {links}
        </nav>
    }
    .into_any()
}
