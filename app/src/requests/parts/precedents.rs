//! How similar requests went.

use domain::window::Instant;
use leptos::prelude::*;

use super::super::view::SimilarView;
use crate::component::{
    badge::AccessRequestBadge,
    precedents::{Precedent, Precedents as PrecedentsPanel},
};

#[component]
pub(crate) fn Precedents(
    /// The panel's heading: those of a settled request came after it as well.
    title: &'static str,
    /// The newest of them.
    similar: Vec<SimilarView>,
    /// How many there were; none where there were none lately.
    summary: Option<String>,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let rows = similar
        .into_iter()
        .map(|one| Precedent {
            href: format!("/requests/{}", one.id),
            what: one.what,
            state: view! { <AccessRequestBadge state=one.state/> }.into_any(),
            decided_by: one.decided_by,
            at: one.at,
        })
        .collect();
    view! {
        <PrecedentsPanel
            title
            caption="Settled requests for the same"
            columns=("Who and why", "When")
            rows
            summary
            now
        />
    }
    .into_any()
}
