//! Something that waits, as a row of the inbox and of the start page.

use domain::{opt_out::Direction, window::Instant};
use leptos::prelude::*;

use super::view::{WaitingKind, WaitingView};
use crate::component::{
    badge::{DirectionBadge, TierMark},
    icon::Shape,
    row_list::Row,
    time::TimeLeft,
};

#[component]
pub(crate) fn WaitingRow(
    /// What waits.
    item: WaitingView,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let (shape, direction) = match item.kind {
        WaitingKind::AccessRequest => (Shape::Key, None),
        WaitingKind::OptOut(direction) => (Shape::Branch, Some(direction)),
        WaitingKind::PostReview => (Shape::Search, None),
        WaitingKind::Signal => (Shape::Zap, Some(Direction::ToManual)),
    };
    let end = view! {
        {direction.map(|direction| view! { <DirectionBadge direction/> })}
        <TierMark tier=item.tier/>
        <TimeLeft until=item.due_at now/>
    }
    .into_any();
    view! { <Row shape title=item.title href=item.href note=item.note end/> }.into_any()
}
