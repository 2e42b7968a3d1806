//! Approvals: the inbox, and the page to decide on one access request. An opt-out is decided on its own page.

mod act;
mod api;
mod decide;
mod inbox;
mod rows;
pub(crate) mod view;

#[cfg(feature = "ssr")]
mod at_once;
#[cfg(feature = "ssr")]
pub(crate) mod look;

pub(crate) use act::ActPage;
pub(crate) use decide::ApprovalPage;
pub(crate) use inbox::InboxPage;
pub(crate) use rows::WaitingRow;
