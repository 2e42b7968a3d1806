//! What people say to each other about an access request or an opt-out: remarks, questions to whoever asked for it, answers.
//!
//! Whoever sees the item sees what was said. To say something takes more: having asked for it, being covered by it, owning
//! what it is about, being asked to decide it, or being one whom it passes by. A comment changes no state and stops no clock.

mod discussion;
mod say;

pub use discussion::{Discussion, WaitingQuestion};
pub use say::CommentOn;
