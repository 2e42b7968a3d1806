//! Filters of a list. Their state is the address, so a filtered list can be sent to somebody, and works without script.
//!
//! Without script a browser sends empty fields too (`?q=&state=`): a page takes an empty parameter for an absent one.

use leptos::{ev::SubmitEvent, form::form_data_from_event, prelude::*, web_sys::UrlSearchParams};
use leptos_router::hooks::use_navigate;

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
    let path = action.clone();
    let navigate = use_navigate();
    let on_submit = move |event: SubmitEvent| {
        // Where the browser cannot say what was filled in, it submits the form by itself.
        let Some(query) = submitted_query(&event) else {
            return;
        };
        event.prevent_default();
        navigate(&address(&path, &query), Default::default());
    };
    view! {
        <form
            method="get"
            action=action
            class="mt-5 flex flex-wrap items-end gap-3"
            role="search"
            on:submit=on_submit
        >
            {children()}
            <button class="btn btn-sm">
                <Icon shape=Shape::Filter/>
                "Filter"
            </button>
            {clear}
        </form>
    }
    .into_any()
}

fn submitted_query(event: &SubmitEvent) -> Option<String> {
    let data = form_data_from_event(event).ok()?;
    let params = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    params.to_string().as_string()
}

/// The list's address with those parameters that have a value. The router alone would keep `?q=&state=&=` in it.
fn address(path: &str, query: &str) -> String {
    let set: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            pair.split_once('=')
                .is_some_and(|(name, value)| !name.is_empty() && !value.is_empty())
        })
        .collect();
    if set.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", set.join("&"))
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
        <label class="flex flex-col gap-1 text-sm grow sm:grow-0">
            <span class="note">{label}</span>
            <input class="input input-sm w-full sm:w-60" type="search" name=name value=value/>
        </label>
    }
    .into_any()
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
        <label class="flex flex-col gap-1 text-sm">
            <span class="note">{label}</span>
            <select class="select select-sm w-auto min-w-36" name=name>
                {options}
            </select>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn only_what_is_set_is_in_the_address() {
        assert_eq!(address("/audit", "q=a%26b&state=&="), "/audit?q=a%26b");
        assert_eq!(address("/audit", "q=&state=&="), "/audit");
    }
}
