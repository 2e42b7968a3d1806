//! What took effect without a vote: a glass that was broken, a signal; and what is owed for it.

use domain::window::Instant;
use leptos::prelude::*;

use crate::{
    component::{
        badge::Tone,
        notice::Notice,
        panel::{Panel, PanelLink},
        time::Time,
    },
    opt_outs::view::{BrokenView, May, OptOutView, ReviewLinkView},
    post_reviews::ReviewBadge,
};

/// The banner: who was not asked.
#[component]
pub(crate) fn Broken(
    /// Who broke it, by name.
    by: String,
    /// Whether it still waits for the second person's vote.
    waits: bool,
    /// How. Nothing where no glass was broken.
    broken: Option<BrokenView>,
) -> impl IntoView {
    broken.map(|broken| {
        let skipped = match (broken.at_once && !waits, broken.skipped.is_empty()) {
            (false, _) => "It waits for, or had, the vote of one second person.".to_owned(),
            (true, true) => "Nobody is left who could have decided.".to_owned(),
            (true, false) => format!("Not asked: {}.", broken.skipped.join(", ")),
        };
        let sign_in = broken
            .weak_sign_in
            .then_some(" The identity provider did not answer, so an older session had to do.");
        view! {
            <div class="mt-4">
                <Notice tone=Tone::Danger>
                    <b>"Break-glass"</b> " by " {by} " in " {broken.incident} ". " {skipped} {sign_in}
                </Notice>
            </div>
        }
    })
}

/// Its review, owed or concluded.
#[component]
pub(crate) fn ReviewPanel(review: Option<ReviewLinkView>, now: Instant) -> impl IntoView {
    review.map(|review| {
        let link = view! { <PanelLink href=format!("/post-reviews/{}", review.id) label="Open"/> }.into_any();
        view! {
            <Panel title="Post-review" aside=link>
                <p class="text-sm flex flex-wrap gap-2">
                    <ReviewBadge state=review.state overdue=review.overdue/>
                    <span>"due " <Time at=review.due_at now/></span>
                </p>
            </Panel>
        }
    })
}

/// A signal waits for somebody to agree, or to end it.
#[component]
pub(super) fn SignalPanel(opt_out: OptOutView) -> impl IntoView {
    let action = super::path(&opt_out);
    let body = match opt_out.confirm_signal {
        May::Moot => return ().into_any(),
        May::No(why) => view! { <p class="note">{why}</p> }.into_any(),
        May::Yes => view! {
            <p class="text-sm mb-4">
                "A monitoring tool opened this. Confirm it, and it stays until its end; or revoke it above."
            </p>
            <form method="post" action=action>
                <button class="btn btn-primary btn-block" name="intent" value="confirm_signal">
                    "Confirm"
                </button>
            </form>
        }
        .into_any(),
    };
    view! { <Panel title="Signal">{body}</Panel> }.into_any()
}
