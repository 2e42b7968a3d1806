//! The root component and the table of routes.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    approvals::{ActPage, ApprovalPage, InboxPage},
    audit::{DecisionPage, Decisions, EventPage, Events},
    break_glass::BreakGlassPage,
    component::time::provide_hydrated,
    delegations::DelegationsPage,
    focus::provide_focus_on_navigation,
    frame::{Frame, FramedRoutes},
    home::HomePage,
    notices::{DeliveriesPage, EndpointPage, EndpointsPage, NoticeSettingsPage, NoticesPage},
    opt_outs::{OptOutPage, Register, RequestOptOut},
    page::{NotFound, SignIn},
    policies::Policies,
    post_reviews::PostReviewPage,
    requests::{RequestPage, RequestsPage},
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
                <ParentRoute path=path!("") view=FramedRoutes ssr=SsrMode::Async>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <Route path=path!("/approvals") view=InboxPage ssr=SsrMode::Async/>
                    <Route path=path!("/approvals/:id") view=ApprovalPage ssr=SsrMode::Async/>
                    <Route path=path!("/approvals/acts/:id") view=ActPage ssr=SsrMode::Async/>
                    <Route path=path!("/requests") view=RequestsPage ssr=SsrMode::Async/>
                    <Route path=path!("/requests/:id") view=RequestPage ssr=SsrMode::Async/>
                    <Route path=path!("/opt-outs") view=Register ssr=SsrMode::Async/>
                    <Route path=path!("/opt-outs/request") view=RequestOptOut ssr=SsrMode::Async/>
                    <Route path=path!("/opt-outs/break-glass") view=BreakGlassPage ssr=SsrMode::Async/>
                    <Route path=path!("/opt-outs/:id") view=OptOutPage ssr=SsrMode::Async/>
                    <Route path=path!("/post-reviews/:id") view=PostReviewPage ssr=SsrMode::Async/>
                    <Route path=path!("/notices") view=NoticesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/notices") view=NoticeSettingsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/delegations") view=DelegationsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/endpoints") view=EndpointsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/endpoints/:id") view=EndpointPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/deliveries") view=DeliveriesPage ssr=SsrMode::Async/>
                    <Route path=path!("/policies") view=Policies ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view=Events ssr=SsrMode::Async/>
                    <Route path=path!("/audit/events/:id") view=EventPage ssr=SsrMode::Async/>
                    <Route path=path!("/audit/decisions") view=Decisions ssr=SsrMode::Async/>
                    <Route path=path!("/audit/decisions/:id") view=DecisionPage ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
