//! Names and values: "Who", "What", "How long".

use leptos::prelude::*;

/// A list of facts.
#[component]
pub fn Facts(
    /// One [`Fact`] after another.
    children: Children,
) -> impl IntoView {
    view! { <dl class="fact">{children()}</dl> }.into_any()
}

/// One fact.
#[component]
pub fn Fact(
    /// Its name.
    #[prop(into)]
    name: String,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
    .into_any()
}
