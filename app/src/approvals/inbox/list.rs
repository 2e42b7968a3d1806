//! The rows, a box before each that can be decided with others, and the buttons for what is selected.

use leptos::prelude::*;

use super::super::{
    rows::WaitingRow,
    view::{AtOnce, InboxView, WaitingView},
};
use crate::{
    component::{
        error_summary::ErrorSummary,
        row_keys::{HELP, KEYS, ROWS, use_row_keys},
        row_list::RowList,
    },
    form::{Submission, control_id},
};

const APPROVE: &str = "approve-selected";
const DENY: &str = "deny-selected";
const APPROVE_ONE: &str = "approve-one";

#[component]
pub(super) fn WaitingList(inbox: InboxView, submission: Submission) -> impl IntoView {
    use_row_keys(APPROVE, DENY, APPROVE_ONE);
    let now = inbox.now;
    let any = inbox.rows.iter().any(|row| row.at_once.id().is_some());
    let boxed = submission.clone();
    let rows = inbox
        .rows
        .into_iter()
        .map(|item| {
            let start = view! { <SelectBox item=item.clone() submission=boxed.clone() any/> }.into_any();
            let approve = match item.at_once {
                AtOnce::Either(_) => "together",
                AtOnce::No | AtOnce::Denied(_) => "alone",
            };
            // What is no vote is not decided from here.
            let approve = item.is_vote().then_some(approve);
            view! { <WaitingRow item now start approve/> }
        })
        .collect_view();
    let sentences = inbox
        .at_once
        .into_iter()
        .map(|sentence| view! { <p>{sentence}</p> })
        .collect_view();
    let act = any.then(|| {
        view! {
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-base-300 px-5 py-3">
                <span id="selected" class="text-sm">
                    "What is selected:"
                </span>
                <button id=APPROVE class="btn btn-sm" name="intent" value="confirm_approve_selected">
                    "Approve…"
                </button>
                <button id=DENY class="btn btn-sm btn-outline btn-error" name="intent" value="confirm_deny_selected">
                    "Deny…"
                </button>
            </div>
        }
    });
    view! {
        <ErrorSummary submission/>
        <form method="post" action="/approvals">
            <section
                id=control_id("item")
                class="panel mt-6 overflow-hidden"
                aria-label="What waits for you"
                tabindex="-1"
            >
                <RowList id=ROWS>{rows}</RowList>
                {act}
            </section>
        </form>
        {any.then(|| view! { <div class="note mt-3 space-y-1">{sentences}</div> })}
        // The keys send it to the page of the row that they mean.
        <form method="post" action="/approvals" hidden>
            <button id=APPROVE_ONE name="intent" value="confirm_approve">
                "Approve"
            </button>
        </form>
        <Keys/>
    }
    .into_any()
}

#[component]
fn SelectBox(
    item: WaitingView,
    submission: Submission,
    /// Whether there is a box in any row, so that titles stand below each other.
    any: bool,
) -> impl IntoView {
    match item.at_once.id() {
        None => any
            .then(|| view! { <span class="size-6 shrink-0"></span> })
            .into_any(),
        Some(id) => {
            let checked = submission.values_of("item").any(|selected| selected == id);
            let id = id.to_owned();
            view! {
                // Above the link, which fills the row.
                <label class="relative z-10 grid size-6 shrink-0 cursor-pointer place-items-center">
                    <input
                        class="checkbox checkbox-sm checkbox-primary"
                        type="checkbox"
                        name="item"
                        value=id
                        checked=checked
                        autocomplete="off"
                    />
                    <span class="sr-only">{format!("Select {}: {}", item.title, item.note)}</span>
                </label>
            }
            .into_any()
        }
    }
}

#[component]
fn Keys() -> impl IntoView {
    let keys = KEYS
        .into_iter()
        .map(|(key, does)| {
            view! {
                <dt>
                    <kbd class="kbd kbd-sm">{key}</kbd>
                </dt>
                <dd>{does}</dd>
            }
        })
        .collect_view();
    view! {
        <details id=HELP class="mt-5 hidden lg:block">
            <summary class="note inline-block cursor-pointer py-1">"Keys of this page: ?"</summary>
            <dl class="mt-2 grid w-fit grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5 text-sm">{keys}</dl>
        </details>
    }
    .into_any()
}
