//! Single keys that press a button of the page, for those who decide many things a day.

use leptos::prelude::*;

/// Each key presses the button with that `id`, as a click would. Keys that are typed into a field, or pressed together with
/// a modifier, are left alone. Without script nothing happens: the buttons are there.
///
/// Call it in a component; it ends with it.
pub fn use_shortcuts(keys: &'static [(&'static str, &'static str)]) {
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
            if modified || event.repeat() || event.default_prevented() || is_typing() {
                return;
            }
            let pressed = event.key();
            if let Some((_, button)) = keys.iter().find(|(key, _)| *key == pressed) {
                event.prevent_default();
                press(button);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Whether the focus is in something that takes text or letters itself. A box that is ticked takes none.
pub(super) fn is_typing() -> bool {
    document().active_element().is_some_and(|element| {
        let name = element.tag_name();
        if element.get_attribute("type").as_deref() == Some("checkbox") {
            return false;
        }
        ["INPUT", "TEXTAREA", "SELECT"]
            .iter()
            .any(|typed| name.eq_ignore_ascii_case(typed))
    })
}

pub(super) fn press(id: &str) {
    use leptos::wasm_bindgen::JsCast;
    if let Some(button) = document().get_element_by_id(id)
        && let Ok(button) = button.dyn_into::<leptos::web_sys::HtmlElement>()
    {
        button.click();
    }
}
