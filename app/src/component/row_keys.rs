//! Keys that move through a list of rows, select them and lead on to deciding on them.
//!
//! Without script nothing happens: the links, the boxes and the buttons are there.

use leptos::{prelude::*, web_sys::Element};

use super::shortcut::{is_typing, press};

/// The id of the list whose rows are moved through.
pub const ROWS: &str = "rows";
/// The id of the list of keys, a `<details>`.
pub const HELP: &str = "keys";

/// What each key does, as the help says it.
pub const KEYS: [(&str, &str); 7] = [
    ("j", "next row"),
    ("k", "row before"),
    ("Enter", "open the row; so does o"),
    ("x", "select the row, or not"),
    ("a", "approve what is selected, else the row, after a question"),
    ("d", "deny what is selected, else the row, after a question"),
    ("?", "show or hide these keys"),
];

/// Listens while its component lives. `approve` and `deny` are the ids of the buttons for what is selected; `approve_one` that
/// of a button whose form is sent to a row's own page.
pub fn use_row_keys(approve: &'static str, deny: &'static str, approve_one: &'static str) {
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
            if modified || event.default_prevented() || is_typing() {
                return;
            }
            let taken = match event.key().as_str() {
                "j" => step(Step::Next),
                "k" => step(Step::Before),
                // Held down, these would toggle or open again and again.
                _ if event.repeat() => false,
                "o" => focused().is_some_and(|row| click(&row, "a")),
                "x" => focused().is_some_and(|row| click(&row, BOX)),
                "a" => decide(approve, Some(approve_one)),
                "d" => decide(deny, None),
                "?" => help(),
                _ => false,
            };
            if taken {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

const BOX: &str = "input[type=checkbox]";

enum Step {
    Next,
    Before,
}

fn rows() -> Option<Element> {
    document().get_element_by_id(ROWS)
}

/// The row that has the focus somewhere inside.
fn focused() -> Option<Element> {
    document()
        .active_element()?
        .closest(&format!("#{ROWS} > li"))
        .ok()
        .flatten()
}

/// To the row after or before; from anywhere else to the first or the last.
fn step(to: Step) -> bool {
    let row = match (focused(), to) {
        (Some(row), Step::Next) => row.next_element_sibling(),
        (Some(row), Step::Before) => row.previous_element_sibling(),
        (None, Step::Next) => rows().and_then(|rows| rows.first_element_child()),
        (None, Step::Before) => rows().and_then(|rows| rows.last_element_child()),
    };
    row.is_some_and(|row| focus(&row, "a"))
}

fn inside(row: &Element, selector: &str) -> Option<leptos::web_sys::HtmlElement> {
    use leptos::wasm_bindgen::JsCast;
    row.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn focus(row: &Element, selector: &str) -> bool {
    inside(row, selector).is_some_and(|element| element.focus().is_ok())
}

fn click(row: &Element, selector: &str) -> bool {
    inside(row, selector).is_some_and(|element| {
        element.click();
        true
    })
}

/// What is selected; else the focused row, which is selected for it, or decided on its own page where it cannot be decided in
/// a list.
fn decide(button: &str, alone: Option<&str>) -> bool {
    let any = rows().is_some_and(|rows| {
        rows.query_selector(&format!("{BOX}:checked"))
            .is_ok_and(|found| found.is_some())
    });
    if any {
        press(button);
        return true;
    }
    let Some(row) = focused() else { return false };
    if let Some(alone) = alone
        && row.get_attribute("data-approve").as_deref() == Some("alone")
    {
        return decide_alone(&row, alone);
    }
    if click(&row, BOX) {
        press(button);
        true
    } else {
        click(&row, "a")
    }
}

fn decide_alone(row: &Element, button: &str) -> bool {
    let href = row
        .query_selector("a")
        .ok()
        .flatten()
        .and_then(|link| link.get_attribute("href"));
    let form = document()
        .get_element_by_id(button)
        .and_then(|button| button.closest("form").ok().flatten());
    match (href, form) {
        (Some(href), Some(form)) if form.set_attribute("action", &href).is_ok() => {
            press(button);
            true
        }
        _ => false,
    }
}

fn help() -> bool {
    let Some(keys) = document().get_element_by_id(HELP) else {
        return false;
    };
    let changed = if keys.has_attribute("open") {
        keys.remove_attribute("open")
    } else {
        keys.set_attribute("open", "")
    };
    changed.is_ok() && focus(&keys, "summary")
}
