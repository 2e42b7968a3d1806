//! A sentence that stands out: what just happened, or what one must know before going on.

use leptos::prelude::*;

use super::{
    badge::Tone,
    icon::{Icon, Shape},
};

/// A notice. It says what it means; its colour and icon only repeat it.
#[component]
pub fn Notice(
    /// What its colour means.
    #[prop(optional)]
    tone: Tone,
    /// Whether it answers what the reader just did, so that screen readers announce it.
    #[prop(optional)]
    announce: bool,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    let (class, shape) = match tone {
        Tone::Neutral => ("notice", Shape::Info),
        Tone::Strict => ("notice notice-strict", Shape::UserCheck),
        Tone::Lax => ("notice notice-lax", Shape::Triangle),
        Tone::Danger => ("notice notice-danger", Shape::CircleAlert),
        Tone::Settled => ("notice notice-settled", Shape::CircleCheck),
    };
    view! {
        <div class=class role=announce.then_some("status")>
            <Icon shape class="size-4 mt-0.5"/>
            <div class="min-w-0">{children()}</div>
        </div>
    }
    .into_any()
}
