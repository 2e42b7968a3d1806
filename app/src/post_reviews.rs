//! Post-reviews: what is looked at once an emergency, or an opt-out that wants it, is over.

mod access;
mod api;
mod page;
pub(crate) mod view;

#[cfg(feature = "ssr")]
mod look;

pub(crate) use page::{PostReviewPage, ReviewBadge};
