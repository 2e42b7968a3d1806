//! What people say to each other about an access request or an opt-out, on the pages of both.

mod panel;
pub(crate) mod view;

#[cfg(feature = "ssr")]
pub(crate) mod look;

pub(crate) use panel::{Comments, INTENTS};
