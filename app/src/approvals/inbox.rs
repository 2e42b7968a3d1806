//! The inbox: everything that waits for the reader's vote.

mod confirm;
mod list;

use leptos::prelude::*;

use super::{api::open_inbox, view::InboxView};
use crate::{
    component::{
        empty_state::EmptyState, error_summary::ErrorSummary, icon::Shape, load::load,
        page_header::PageHeader, time::length,
    },
    form::{Submission, use_submission},
};
use confirm::{Asked, ConfirmAtOnce};
use list::WaitingList;

#[component]
pub(crate) fn InboxPage() -> impl IntoView {
    let submission = use_submission();
    let inbox = Resource::new(|| (), |()| open_inbox());
    load(
        inbox,
        move |inbox| view! { <Inbox inbox submission=submission.clone()/> },
    )
}

#[component]
fn Inbox(inbox: InboxView, submission: Submission) -> impl IntoView {
    let note = inbox
        .rows
        .iter()
        .map(|row| row.due_at)
        .min()
        .map(|due| {
            format!(
                "The next one is due in {}. Strictest first, then the least time left.",
                length((due - inbox.now).num_seconds())
            )
        })
        .unwrap_or_default();
    let body = match (inbox.rows.is_empty(), inbox.may_vote) {
        (true, false) => view! { <Empty may_vote=false submission/> }.into_any(),
        (true, true) => view! { <Empty may_vote=true submission/> }.into_any(),
        (false, _) => match Asked::by(&submission, &inbox.rows) {
            Some(asked) => view! { <ConfirmAtOnce asked submission now=inbox.now/> }.into_any(),
            None => view! { <WaitingList inbox submission/> }.into_any(),
        },
    };
    view! {
        <PageHeader title="Approvals" note=note/>
        {body}
    }
    .into_any()
}

#[component]
fn Empty(may_vote: bool, submission: Submission) -> impl IntoView {
    let state = if may_vote {
        view! { <Nothing/> }.into_any()
    } else {
        view! { <NotYours/> }.into_any()
    };
    view! {
        <ErrorSummary submission/>
        <section class="panel mt-6 overflow-hidden">{state}</section>
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
