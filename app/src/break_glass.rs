//! Break-glass: the form for an emergency, and the sign that it was used.

mod api;
mod consequence;
mod page;
pub(crate) mod view;
mod ways;

#[cfg(feature = "ssr")]
mod input;
#[cfg(feature = "ssr")]
mod look;

#[cfg(feature = "ssr")]
pub use input::{Typed, read_form};
#[cfg(feature = "ssr")]
pub(crate) use look::approvers;
pub(crate) use page::BreakGlassPage;
