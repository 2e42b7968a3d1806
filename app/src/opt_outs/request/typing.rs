//! Following what is typed, in the browser.

use leptos::{html, prelude::*};

use super::{Typed, case_fields::Chosen};

/// How long to wait after the last key, in milliseconds: the preview evaluates thousands of recorded decisions.
#[cfg(feature = "hydrate")]
const PAUSE_MS: u64 = 500;

/// What to call on each input: `chosen` follows at once, and after a pause in typing `typed` holds the fields as they
/// stand. Does nothing on the server.
#[cfg(feature = "hydrate")]
pub(super) fn follow(
    form: NodeRef<html::Form>,
    typed: RwSignal<Typed>,
    chosen: RwSignal<Chosen>,
) -> impl FnMut() + 'static {
    use leptos::leptos_dom::helpers::debounce;

    let mut settled = debounce(std::time::Duration::from_millis(PAUSE_MS), move |()| {
        if let Some(form) = form.get_untracked() {
            typed.set(fields(&form));
        }
    });
    move || {
        if let Some(form) = form.get_untracked() {
            let fields = fields(&form);
            let value = |name: &str| {
                fields
                    .iter()
                    .find(|(field, _)| field == name)
                    .map(|(_, value)| value.as_str())
            };
            let now = Chosen::from_fields(value);
            if chosen.with_untracked(|chosen| *chosen != now) {
                chosen.set(now);
            }
        }
        settled(());
    }
}

#[cfg(not(feature = "hydrate"))]
pub(super) fn follow(
    _form: NodeRef<html::Form>,
    _typed: RwSignal<Typed>,
    _chosen: RwSignal<Chosen>,
) -> impl FnMut() + 'static {
    || ()
}

/// Names and texts of a form's fields, in order, as a browser would send them.
#[cfg(feature = "hydrate")]
fn fields(form: &web_sys::HtmlFormElement) -> Typed {
    let Ok(data) = web_sys::FormData::new_with_form(form) else {
        return Typed::new();
    };
    js_sys::Array::from(&data)
        .iter()
        .filter_map(|entry| {
            let pair = js_sys::Array::from(&entry);
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}
