//! What happened to a request, in plain words.

use domain::window::Instant;
use leptos::prelude::*;

use super::super::view::{StoryView, Turn};
use crate::component::{
    badge::Tone,
    icon::Shape,
    panel::Panel,
    timeline::{Timeline, TimelineEvent},
};

impl Turn {
    const fn look(self) -> (Shape, Tone) {
        match self {
            Self::Asked => (Shape::Send, Tone::Neutral),
            Self::Said => (Shape::Message, Tone::Neutral),
            Self::Passed => (Shape::ArrowRight, Tone::Neutral),
            Self::SaidYes => (Shape::Check, Tone::Settled),
            Self::SaidNo => (Shape::Cross, Tone::Danger),
            Self::Granted => (Shape::Key, Tone::Settled),
            Self::Broken => (Shape::Triangle, Tone::Danger),
            Self::TakenBack => (Shape::Undo, Tone::Neutral),
            Self::Over => (Shape::Expired, Tone::Neutral),
            Self::Ended => (Shape::Ban, Tone::Danger),
        }
    }
}

#[component]
pub(crate) fn Story(
    /// Newest first.
    story: Vec<StoryView>,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let events = story
        .into_iter()
        .map(|event| {
            let (shape, tone) = event.turn.look();
            let said = (!event.said.is_empty()).then_some(event.said);
            view! {
                <TimelineEvent shape tone at=event.at now>
                    <b class="font-medium">{event.actor}</b>
                    " "
                    {event.sentence}
                    {said.map(|said| view! { <p class="note whitespace-pre-line">{said}</p> })}
                </TimelineEvent>
            }
        })
        .collect_view();
    view! {
        <Panel title="What happened">
            <Timeline>{events}</Timeline>
        </Panel>
    }
    .into_any()
}
