//! Access requests: the list of them, and one of them to follow. To decide on one is `approvals`.

mod api;
mod detail;
mod list;
pub(crate) mod parts;
pub(crate) mod view;

#[cfg(feature = "ssr")]
mod filter;
#[cfg(feature = "ssr")]
pub(crate) mod look;
#[cfg(feature = "ssr")]
mod story;
#[cfg(feature = "ssr")]
pub(crate) mod words;

pub(crate) use api::open_request;
pub(crate) use detail::RequestPage;
pub(crate) use list::{EndsText, RequestsPage, StandBadge};
