//! Notices as receivers see them: the official verifier of Standard Webhooks, hostile names and titles in every form, and the
//! guarded client against receivers that misbehave.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod hostile;
mod outgoing;
mod support;
mod trust;
mod webhook;
