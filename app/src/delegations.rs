//! Delegations: whom the reader has lent their votes to, and whose votes the reader casts.

mod api;
mod page;
mod view;

#[cfg(feature = "ssr")]
mod look;

pub(crate) use page::DelegationsPage;
