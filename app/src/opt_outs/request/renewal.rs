//! What is renewed, above the form: what the one before did, and what a renewal means.

use domain::{decision::UseEffect, window::Instant};
use leptos::prelude::*;

use crate::{
    component::{
        badge::{OptOutBadge, OutcomeBadge},
        facts::{Fact, Facts},
        panel::Panel,
        time::{Time, TimeForm},
    },
    opt_outs::view::RenewalView,
};

/// The panel.
#[component]
pub(super) fn Renewed(renewal: RenewalView, now: Instant) -> impl IntoView {
    let uses = renewal
        .uses
        .into_iter()
        .map(|each| {
            let same = each.effect != UseEffect::Changed;
            view! {
                <li class="flex flex-wrap items-center gap-x-2 gap-y-1">
                    <span>{each.words}</span>
                    <OutcomeBadge outcome=each.base/>
                    <span class="sr-only">" without it, with it "</span>
                    <OutcomeBadge outcome=each.effective/>
                    {same.then(|| view! { <span class="note">"not by this"</span> })}
                    <span class="note">
                        <Time at=each.at now form=TimeForm::Relative/>
                    </span>
                </li>
            }
        })
        .collect_view();
    let at_most = renewal.must_end_by.map(|end| {
        view! {
            <Fact name="At most until">
                <Time at=end now form=TimeForm::Absolute/>
                " with all its renewals, counted from "
                <Time at=renewal.first_started_at now form=TimeForm::Absolute/>
            </Fact>
        }
    });
    let badge = view! { <OptOutBadge state=renewal.state stages=None/> };
    view! {
        <div class="mt-5">
            <Panel title=format!("Renewal {} of {}", renewal.generation, renewal.title) aside=badge.into_any()>
                <Facts>
                    <Fact name="The one before">
                        <a class="link link-hover" href=format!("/opt-outs/{}", renewal.id)>
                            "Ends "
                            <Time at=renewal.ends_at now form=TimeForm::Absolute/>
                        </a>
                    </Fact>
                    <Fact name="What it did">
                        {applied(renewal.uses_total, renewal.uses_changed)} <ul class="mt-1 space-y-1">{uses}</ul>
                    </Fact>
                    <Fact name="Its reason">
                        <span class="whitespace-pre-line wrap-anywhere">{renewal.reason}</span>
                    </Fact>
                    {at_most}
                </Facts>
                <p class="note mt-3">
                    "A renewal is a new opt-out: it needs a reason of its own and a new approval, lasts at most half as long as the one before (left out, as long as it may), covers the same or less, and keeps its condition and no more uses than it had."
                </p>
            </Panel>
        </div>
    }
    .into_any()
}

/// "128 decisions, 117 of them came out otherwise than without it."
fn applied(total: i64, changed: i64) -> String {
    match (total, changed) {
        (0, _) => "It applied to no decision.".to_owned(),
        (1, 0) => "1 decision, which would have come out the same without it.".to_owned(),
        (1, _) => "1 decision, which came out otherwise than without it.".to_owned(),
        (total, 0) => format!("{total} decisions, all of which would have come out the same without it."),
        (total, changed) => {
            format!("{total} decisions, {changed} of them came out otherwise than without it.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::applied;

    #[test]
    fn what_it_did_is_said_in_a_sentence() {
        assert_eq!(applied(0, 0), "It applied to no decision.");
        assert_eq!(
            applied(3, 2),
            "3 decisions, 2 of them came out otherwise than without it."
        );
        assert_eq!(
            applied(1, 0),
            "1 decision, which would have come out the same without it."
        );
    }
}
