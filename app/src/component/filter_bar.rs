//! Filters of a list. Their state is the address, so a filtered list can be sent to somebody, and works without script.

use leptos::prelude::*;
use leptos_router::components::Form;

use super::{
    field::Choice,
    icon::{Icon, Shape},
};

/// The bar above a list.
#[component]
pub fn FilterBar(
    /// The list's path.
    #[prop(into)]
    action: String,
    /// Whether any filter is set, so that a link clears them all.
    active: bool,
    /// [`FilterText`] and [`FilterSelect`].
    children: Children,
) -> impl IntoView {
    let clear = active.then(|| {
        view! {
            <a class="btn btn-ghost btn-sm" href=action.clone()>
                "Clear"
            </a>
        }
    });
    view! {
        <Form method="GET" action=action attr:class="mt-5 flex flex-wrap items-end gap-3" attr:role="search">
            {children()}
            <button class="btn btn-sm">
                <Icon shape=Shape::Filter/>
                "Filter"
            </button>
            {clear}
        </Form>
    }
}

/// A text to look for.
#[component]
pub fn FilterText(
    /// What is looked through.
    #[prop(into)]
    label: String,
    /// The name of the parameter.
    name: &'static str,
    /// What is looked for now.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! {
        <label class="block text-sm grow sm:grow-0">
            <span class="note">{label}</span>
            <input class="input input-sm mt-1 w-full sm:w-60" type="search" name=name value=value/>
        </label>
    }
}

/// One of several values, the first of which usually means any.
#[component]
pub fn FilterSelect(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The name of the parameter.
    name: &'static str,
    /// The value now.
    #[prop(into)]
    value: String,
    /// What there is to choose.
    choices: Vec<Choice>,
) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == value;
            view! {
                <option value=choice.value selected=selected>
                    {choice.label}
                </option>
            }
        })
        .collect_view();
    view! {
        <label class="block text-sm">
            <span class="note">{label}</span>
            <select class="select select-sm mt-1 w-auto min-w-36" name=name>
                {options}
            </select>
        </label>
    }
}
