//! The inbox: everything that waits for the reader's vote.

use leptos::prelude::*;

use super::{api::open_inbox, rows::WaitingRow, view::InboxView};
use crate::component::{
    empty_state::EmptyState, icon::Shape, load::load, page_header::PageHeader, row_list::RowList,
    time::length,
};

#[component]
pub(crate) fn InboxPage() -> impl IntoView {
    let inbox = Resource::new(|| (), |()| open_inbox());
    load(inbox, |inbox| view! { <Inbox inbox/> })
}

#[component]
fn Inbox(inbox: InboxView) -> impl IntoView {
    let now = inbox.now;
    let note = inbox
        .rows
        .iter()
        .map(|row| row.due_at)
        .min()
        .map(|due| {
            format!(
                "The next one is due in {}. Strictest first, then the least time left.",
                length((due - now).num_seconds())
            )
        })
        .unwrap_or_default();
    let body = match (inbox.rows.is_empty(), inbox.may_vote) {
        (true, false) => view! { <NotYours/> }.into_any(),
        (true, true) => view! { <Nothing/> }.into_any(),
        (false, _) => {
            let rows = inbox
                .rows
                .into_iter()
                .map(|item| view! { <WaitingRow item now/> })
                .collect_view();
            view! { <RowList>{rows}</RowList> }.into_any()
        }
    };
    view! {
        <PageHeader title="Approvals" note=note/>
        <section class="panel mt-6 overflow-hidden">{body}</section>
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    let action = view! {
        <a class="btn btn-sm" href="/requests?state=in_review">
            "See what waits for others"
        </a>
    }
    .into_any();
    view! {
        <EmptyState
            shape=Shape::Inbox
            title="Nothing waits for you"
            note="What policy leaves to a group that you are in comes here, the strictest tier first. What you asked for yourself never does: somebody else decides it."
            action
        />
    }
    .into_any()
}

#[component]
fn NotYours() -> impl IntoView {
    let action = view! {
        <a class="btn btn-sm" href="/requests">
            "See requests"
        </a>
    }
    .into_any();
    view! {
        <EmptyState
            shape=Shape::Ban
            title="Your roles do not let you decide"
            note="Only people with the role approver vote, and only where a tier asks for one of their groups. Whoever looks after groups can change that."
            action
        />
    }
    .into_any()
}
