//! Badges: a state, a direction, an outcome or a tier in the words of the domain, the same on every page.

mod outcome;
mod state;
mod tier;

pub use outcome::{DirectionBadge, OutcomeBadge};
pub use state::{AccessRequestBadge, EmergencyBadge, GrantBadge, OptOutBadge, PolicyVersionBadge};
pub use tier::{TierMark, TierView};

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// What a colour means. There are four meanings and the absence of one; a word always stands with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// No meaning of its own.
    #[default]
    Neutral,
    /// Strict: goes to a person, waits for one.
    Strict,
    /// Lax: something is taken out of a rule.
    Lax,
    /// Refused, ended by somebody, in danger.
    Danger,
    /// Settled: granted, approved, in force as it should be.
    Settled,
}

impl Tone {
    /// The class of a badge.
    pub(crate) const fn badge_class(self) -> &'static str {
        match self {
            Self::Neutral => "badge badge-sm border-transparent bg-base-300/70 whitespace-nowrap",
            Self::Strict => "badge badge-sm badge-soft badge-info whitespace-nowrap",
            Self::Lax => "badge badge-sm badge-soft badge-warning whitespace-nowrap",
            Self::Danger => "badge badge-sm badge-soft badge-error whitespace-nowrap",
            Self::Settled => "badge badge-sm badge-soft badge-success whitespace-nowrap",
        }
    }
}

/// A badge for what the domain has no type for, such as "overdue".
#[component]
pub fn Badge(
    /// What its colour means.
    tone: Tone,
    /// The word. It must say everything that the colour says.
    #[prop(into)]
    text: String,
    /// An icon before the word.
    #[prop(optional)]
    shape: Option<Shape>,
) -> impl IntoView {
    view! {
        <span class=tone.badge_class()>
            {shape.map(|shape| view! { <Icon shape class="size-3"/> })} {text}
        </span>
    }
    .into_any()
}
