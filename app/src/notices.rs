//! Notices: what the reader was told, how they want to be told, and, for administrators, where else news goes and what has
//! not arrived.

mod api;
mod deliveries;
mod endpoint;
mod endpoints;
mod inbox;
mod settings;
mod view;

#[cfg(feature = "ssr")]
mod look;

pub(crate) use deliveries::DeliveriesPage;
pub(crate) use endpoint::EndpointPage;
pub(crate) use endpoints::EndpointsPage;
pub(crate) use inbox::NoticesPage;
pub(crate) use settings::NoticeSettingsPage;
