//! Why a person decides, and what would have been without what asked for one.

use leptos::prelude::*;

use super::super::view::WhyView;
use crate::component::{id::Id, panel::Panel};

#[component]
pub(crate) fn Why(
    /// Why. None where the decision's record is gone.
    why: Option<WhyView>,
    /// The decision's id, for those who may open its record.
    decision: Option<String>,
) -> impl IntoView {
    let record = decision.map(|id| {
        view! {
            <p class="note mt-3">
                "The whole decision: " <Id href=format!("/audit/decisions/{id}") value=id/>
            </p>
        }
    });
    let reasons = match why {
        Some(why) => view! { <Reasons why/> }.into_any(),
        None => view! {
            <p class="text-sm">"The record of the decision that asked for a person is no longer kept."</p>
        }
        .into_any(),
    };
    view! { <Panel title="Why a person decides">{reasons} {record}</Panel> }.into_any()
}

#[component]
fn Reasons(why: WhyView) -> impl IntoView {
    let rules = why
        .rules
        .into_iter()
        .map(|(id, description)| {
            let words = description.unwrap_or_else(|| "a rule that policy no longer has.".to_owned());
            view! {
                <li>
                    // A document of its own, since the place in the page is there only once its data is.
                    // A document of its own: the place in the page is there only once its data is.
                    <a class="id text-base-content link link-hover" href=format!("/policies#rule-{id}") rel="external">
                        {id.clone()}
                    </a>
                    ": "
                    {words}
                </li>
            }
        })
        .collect_view();
    let opt_outs = why
        .opt_outs
        .into_iter()
        .map(|id| {
            view! {
                <li>
                    "The opt-out " <Id href=format!("/opt-outs/{id}") value=id/> " took it out of the automation."
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="space-y-1 text-sm">{rules} {opt_outs}</ul>
        <p class="text-sm mt-1">{why.counterfactual}</p>
    }
    .into_any()
}
