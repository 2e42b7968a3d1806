//! What the reader has begun and not sent.

use domain::window::Instant;
use leptos::prelude::*;

use super::PATH;
use crate::{
    component::{
        notice::Notice,
        time::{Time, TimeForm},
    },
    opt_outs::view::DraftView,
};

/// Offers to go on with it, or says that the form holds it.
#[component]
pub(super) fn DraftNotice(draft: DraftView, continues: bool, now: Instant) -> impl IntoView {
    let title = if draft.title.is_empty() {
        "Your draft".to_owned()
    } else {
        format!("Your draft “{}”", draft.title)
    };
    let there = match &draft.renews {
        Some(renewed) => format!("{PATH}?draft=go-on&renew={renewed}"),
        None => format!("{PATH}?draft=go-on"),
    };
    let go_on = (!continues).then(|| {
        view! {
            <a class="btn btn-sm" href=there rel="external">
                "Go on with it"
            </a>
        }
    });
    view! {
        <div class="mt-4">
            <Notice announce=continues>
                <p>
                    {title}
                    " was kept "
                    <Time at=draft.saved_at now form=TimeForm::Relative/>
                    ". Only you see it, for 30 days."
                </p>
                <form class="mt-2 flex flex-wrap gap-2" method="post" action=PATH>
                    {go_on}
                    <button class="btn btn-sm btn-ghost" name="intent" value="discard_draft">
                        "Discard it"
                    </button>
                </form>
            </Notice>
        </div>
    }
    .into_any()
}
