//! The audit log: what happened, what was decided, and why.

mod api;
mod decision;
mod decisions;
mod event;
mod events;
mod json_text;
mod look;
mod tabs;
mod view;

#[cfg(feature = "ssr")]
mod actors;
#[cfg(feature = "ssr")]
mod filter;
#[cfg(feature = "ssr")]
mod order;
#[cfg(feature = "ssr")]
mod sentence;
#[cfg(feature = "ssr")]
mod words;

#[cfg(feature = "ssr")]
pub(crate) use actors::Actors;
pub(crate) use decision::DecisionPage;
pub(crate) use decisions::Decisions;
pub(crate) use event::EventPage;
pub(crate) use events::Events;
pub(crate) use look::look;
#[cfg(feature = "ssr")]
pub(crate) use order::newest_first;
#[cfg(feature = "ssr")]
pub(crate) use sentence::{Sentence, sentence};
