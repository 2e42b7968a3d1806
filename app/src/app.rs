//! The root component and the table of routes.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    component::time::provide_hydrated,
    focus::provide_focus_on_navigation,
    frame::Frame,
    page::{NotFound, SignIn},
    session::use_document_user,
};

/// The whole user interface.
///
/// It also runs once at the server's start, without a request, to list the routes: nothing here may expect a context.
///
/// Every route renders in `SsrMode::Async`: titles and status codes are right, and without script no list stays empty.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(use_document_user());
    provide_hydrated();
    view! {
        <Title formatter=|page: String| {
            if page.is_empty() { "Spillway".to_owned() } else { format!("{page} · Spillway") }
        }/>
        <Router>
            {provide_focus_on_navigation()}
            <Routes fallback=|| view! { <Frame><NotFound/></Frame> }>
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
