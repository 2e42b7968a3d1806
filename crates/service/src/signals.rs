//! Signals: a monitoring tool takes a principal out of the automation, for a time, within limits; a person confirms or
//! lifts it.
//!
//! The seam for receivers of the Shared Signals Framework: whatever receives an event (by push or poll) turns it into a
//! [`SignalInput`] with the event's `jti` as `source_id` and calls [`crate::Service::signal`] as the client that stands for the
//! transmitter. Nothing here knows HTTP.

mod confirm;
mod receive;

pub use confirm::SignalSummary;
pub use receive::{Received, SignalInput};
