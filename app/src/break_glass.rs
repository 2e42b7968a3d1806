//! Break-glass: the form for an emergency, and the sign that it was used.

mod api;
mod page;
mod view;

#[cfg(feature = "ssr")]
mod input;
#[cfg(feature = "ssr")]
mod look;

#[cfg(feature = "ssr")]
pub use input::read_input;
#[cfg(feature = "ssr")]
pub(crate) use look::approvers;
pub(crate) use page::BreakGlassPage;
