//! The start page.

mod api;
mod page;
mod view;

#[cfg(feature = "ssr")]
mod look;

pub(crate) use page::HomePage;
