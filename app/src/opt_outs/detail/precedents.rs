//! How similar opt-outs went, for whoever decides.

use leptos::prelude::*;

use crate::{
    component::{
        badge::OptOutBadge,
        precedents::{Precedent, Precedents},
    },
    opt_outs::view::OptOutView,
};

#[component]
pub(super) fn PrecedentsPanel(opt_out: OptOutView) -> impl IntoView {
    let now = opt_out.now;
    opt_out.precedents.map(|precedents| {
        let rows = precedents
            .rows
            .into_iter()
            .map(|one| Precedent {
                href: format!("/opt-outs/{}", one.id),
                what: one.what,
                state: view! { <OptOutBadge state=one.state stages=None/> }.into_any(),
                decided_by: one.decided_by,
                at: one.at,
            })
            .collect();
        view! {
            <div class="mt-5">
                <Precedents
                    title="Similar ones before"
                    caption="Decided opt-outs of the same kind"
                    columns=("Who and what", "Asked")
                    rows
                    summary=precedents.summary
                    now
                />
            </div>
        }
    })
}
