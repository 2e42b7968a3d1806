//! The second step of deciding several at once: each of them with what it does, and one reason for all.

use domain::window::Instant;
use leptos::prelude::*;

use super::super::view::WaitingView;
use crate::{
    component::{badge::TierMark, confirm::Confirm, field::TextArea, time::TimeLeft},
    form::{Submission, control_id},
};

/// The longest reason of a vote, in characters.
const LONGEST_REASON: u32 = 2_000;

/// What the reader is asked to confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    approves: bool,
    rows: Vec<WaitingView>,
}

impl Asked {
    /// What the buttons below the list lead to; none where nothing of it waits any more, or where the first step was refused.
    pub(super) fn by(submission: &Submission, waiting: &[WaitingView]) -> Option<Self> {
        let approves = match (submission.intent.as_str(), submission.errors().is_empty()) {
            ("confirm_approve_selected", true) | ("approve_selected", _) => true,
            ("confirm_deny_selected", true) | ("deny_selected", _) => false,
            _ => return None,
        };
        let selected = |row: &&WaitingView| {
            row.at_once
                .id()
                .is_some_and(|id| submission.values_of("item").any(|item| item == id))
        };
        let rows: Vec<WaitingView> = waiting.iter().filter(selected).cloned().collect();
        (!rows.is_empty()).then_some(Self { approves, rows })
    }
}

#[component]
pub(super) fn ConfirmAtOnce(asked: Asked, submission: Submission, now: Instant) -> impl IntoView {
    let count = asked.rows.len();
    let approves = asked.approves;
    let these = if count == 1 {
        "this one".to_owned()
    } else {
        format!("these {count}")
    };
    let one_is_enough = asked.rows.iter().all(|row| row.noes_left <= 1);
    let deny_means = if one_is_enough {
        "Each counts as a vote of its own, and one no is enough: who asked is told your reason, and has to ask anew. It cannot be undone."
    } else {
        "Each counts as a vote of its own. Where one no is enough, who asked is told your reason, and has to ask anew; where it takes more, it stays open after yours. It cannot be undone."
    };
    let rows = asked
        .rows
        .into_iter()
        .map(|row| view! { <AskedRow row approves now/> })
        .collect_view();
    let (title, consequence, intent, label) = if approves {
        (
            format!("Approve {these}?"),
            "Each counts as a vote of its own. If yours is the last one that is needed, what stands below takes effect; else it goes on to whoever is asked next.",
            "approve_selected",
            format!("Approve {these}"),
        )
    } else {
        (
            format!("Deny {these}?"),
            deny_means,
            "deny_selected",
            format!("Deny {these}"),
        )
    };
    let field = submission.clone();
    view! {
        <Confirm
            action="/approvals"
            submission
            title=title
            consequence=consequence
            intent
            label=label
            danger=!approves
            asked=vec!["reason"]
        >
            <ul id=control_id("item") tabindex="-1" class="divide-y divide-base-300 rounded-box border border-base-300">{rows}</ul>
            <TextArea
                label="Reason"
                name="reason"
                submission=field
                hint="One for all of them. Who asked reads it."
                optional=approves
                max_chars=Some(LONGEST_REASON)
            />
        </Confirm>
    }
    .into_any()
}

#[component]
fn AskedRow(row: WaitingView, approves: bool, now: Instant) -> impl IntoView {
    view! {
        <li class="px-4 py-3 text-sm">
            <p class="flex flex-wrap items-baseline gap-x-3 gap-y-1">
                <a class="font-medium link link-hover wrap-anywhere" href=row.href>
                    {row.title}
                </a>
                <TierMark tier=row.tier/>
                <TimeLeft until=row.due_at now/>
            </p>
            <p class="note wrap-anywhere">{row.note}</p>
            {(!approves && row.noes_left > 1).then(|| view! { <p class="mt-1">{format!("It takes {} noes, yours included.", row.noes_left)}</p> })}
            {approves.then(|| view! { <p class="mt-1 wrap-anywhere">{row.does}</p> })}
        </li>
    }
    .into_any()
}
