//! Approvals: the inbox, and the page to decide on one access request. An opt-out is decided on its own page.

mod act;
mod api;
mod bound;
mod decide;
pub(crate) mod deciders;
mod inbox;
pub(crate) mod joining;
mod rows;
pub(crate) mod view;

#[cfg(feature = "ssr")]
mod at_once;
#[cfg(feature = "ssr")]
pub(crate) mod look;
pub(crate) mod noes;

pub(crate) use act::ActPage;
pub(crate) use bound::{BeforeVoteView, Bound};
pub use bound::{SHOWN, SIGNED_IN_AFRESH};
pub(crate) use decide::ApprovalPage;
pub(crate) use inbox::InboxPage;
pub(crate) use rows::WaitingRow;
