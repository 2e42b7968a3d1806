//! The server, tested from outside: the production router on a real Postgres, with a real identity provider on a
//! loopback port. Folders mirror addresses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]
#![allow(unreachable_pub, missing_docs, reason = "nobody uses a test from outside")]

mod access;
mod api;
mod approvals;
mod coverage;
mod deliver;
mod demo_history;
mod demo_idp;
mod http;
mod operator;
mod opt_outs;
mod pooler;
mod sign_in;
mod sign_out;
mod support;
mod texts;
mod tickets;
mod verify;
