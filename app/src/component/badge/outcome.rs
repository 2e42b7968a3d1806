//! Outcomes of decisions and directions of opt-outs.

use domain::{opt_out::Direction, outcome::Outcome};
use leptos::prelude::*;

use super::{Badge, Tone};
use crate::component::icon::Shape;

/// What a decision came to.
#[component]
pub fn OutcomeBadge(
    /// Which.
    outcome: Outcome,
    /// Whether a bypass made it laxer than policy alone: it then reads "exempt: automate" in the colour of laxness.
    #[prop(optional)]
    exempt: bool,
) -> impl IntoView {
    let tone = match outcome {
        _ if exempt => Tone::Lax,
        Outcome::Automate => Tone::Settled,
        Outcome::Review => Tone::Strict,
        Outcome::Deny => Tone::Danger,
    };
    let text = if exempt {
        format!("exempt: {outcome}")
    } else {
        outcome.to_string()
    };
    view! { <Badge tone text/> }.into_any()
}

/// Which way an opt-out goes.
#[component]
pub fn DirectionBadge(
    /// Which.
    direction: Direction,
) -> impl IntoView {
    let (tone, shape, text) = match direction {
        Direction::ToManual => (Tone::Strict, Shape::UserCheck, "to manual"),
        Direction::Bypass => (Tone::Lax, Shape::Route, "bypass"),
    };
    view! { <Badge tone text shape/> }.into_any()
}
