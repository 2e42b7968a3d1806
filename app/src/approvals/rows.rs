//! Something that waits, as a row of the inbox and of the start page.

use domain::{opt_out::Direction, window::Instant};
use leptos::prelude::*;

use super::view::{WaitingKind, WaitingView};
use crate::component::{
    badge::{Badge, DirectionBadge, TierMark, Tone},
    icon::Shape,
    row_list::Row,
    time::{TimeLeft, length},
};

#[component]
pub(crate) fn WaitingRow(
    /// What waits.
    item: WaitingView,
    /// The present.
    now: Instant,
    /// A box that selects it.
    #[prop(optional)]
    start: Option<AnyView>,
    /// How it is approved, for the keys.
    #[prop(optional_no_strip)]
    approve: Option<&'static str>,
) -> impl IntoView {
    let (shape, direction) = match item.kind {
        WaitingKind::AccessRequest => (Shape::Key, None),
        WaitingKind::OptOut(direction) => (Shape::Branch, Some(direction)),
        WaitingKind::PostReview => (Shape::Search, None),
        WaitingKind::Signal => (Shape::Zap, Some(Direction::ToManual)),
    };
    let asked = item.asked_at.map(|at| {
        let text = format!("no answer for {}", length((now - at).num_seconds()));
        view! { <Badge tone=Tone::Lax text/> }
    });
    let end = view! {
        {asked}
        {direction.map(|direction| view! { <DirectionBadge direction/> })}
        <TierMark tier=item.tier/>
        <TimeLeft until=item.due_at now/>
    }
    .into_any();
    view! { <Row shape title=item.title href=item.href note=item.note start=start.unwrap_or_else(|| ().into_any()) approve end/> }.into_any()
}
