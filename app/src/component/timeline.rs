//! What happened to a thing, newest first.

use domain::window::Instant;
use leptos::prelude::*;

use super::{
    badge::Tone,
    icon::{Icon, Shape},
    time::{Time, TimeForm},
};

/// A list of events.
#[component]
pub fn Timeline(
    /// One [`TimelineEvent`] after another, newest first.
    children: Children,
) -> impl IntoView {
    view! { <ol class="-mb-3">{children()}</ol> }.into_any()
}

/// One event: who did what, in a sentence.
#[component]
pub fn TimelineEvent(
    /// What kind of event.
    shape: Shape,
    /// What its colour means.
    #[prop(optional)]
    tone: Tone,
    /// When.
    at: Instant,
    /// The page's present.
    now: Instant,
    /// The sentence; its subject is in `<b>`.
    children: Children,
) -> impl IntoView {
    let class = match tone {
        Tone::Neutral => "grid size-6 place-items-center rounded-full border border-base-300 bg-base-100",
        Tone::Strict => {
            "grid size-6 place-items-center rounded-full border border-base-300 bg-base-100 text-info"
        }
        Tone::Lax => {
            "grid size-6 place-items-center rounded-full border border-base-300 bg-base-100 text-warning"
        }
        Tone::Danger => {
            "grid size-6 place-items-center rounded-full border border-base-300 bg-base-100 text-error"
        }
        Tone::Settled => {
            "grid size-6 place-items-center rounded-full border border-base-300 bg-base-100 text-success"
        }
    };
    view! {
        <li class="relative grid grid-cols-[1.5rem_minmax(0,1fr)] sm:grid-cols-[1.5rem_minmax(0,1fr)_auto] gap-x-3 pb-4 before:absolute before:left-[0.72rem] before:top-6 before:bottom-0 before:w-px before:bg-base-300 last:before:hidden">
            <span class=class>
                <Icon shape class="size-3.5"/>
            </span>
            <div class="text-sm pt-0.5 wrap-anywhere">{children()}</div>
            <p class="note col-start-2 sm:col-start-3 pt-0.5">
                <Time at now form=TimeForm::Absolute/>
            </p>
        </li>
    }
    .into_any()
}
