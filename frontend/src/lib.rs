//! The browser's entry point: hydrates the server-rendered page. Nothing else belongs here.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the script that the server puts into each page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
