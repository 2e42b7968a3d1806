//! A day as a filter.

use leptos::prelude::*;

/// A day in UTC, for a [`FilterBar`](super::filter_bar::FilterBar).
#[component]
pub fn FilterDay(
    /// What begins or ends with it.
    #[prop(into)]
    label: String,
    /// The name of the parameter.
    name: &'static str,
    /// The value now, `2026-11-25`.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! {
        <label class="block text-sm">
            <span class="note block">{label}</span>
            <input class="input input-sm mt-1 w-auto" type="date" name=name value=value/>
        </label>
    }
    .into_any()
}
