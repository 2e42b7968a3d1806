//! What the page to decide on a request and the page to follow it share.

mod asked;
mod precedents;
mod progress;
mod story;
mod why;

pub(crate) use asked::Asked;
pub(crate) use precedents::Precedents;
pub(crate) use progress::{Said, StageSteps};
pub(crate) use story::Story;
pub(crate) use why::Why;
