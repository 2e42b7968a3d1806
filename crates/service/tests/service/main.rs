//! Use cases on a real Postgres, as the role that serves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and looks at what is stored"
)]
#![allow(unreachable_pub, missing_docs, reason = "nobody uses a test from outside")]

mod append_only;
mod clock;
mod deciding;
mod generation;
mod isolation;
mod ledger_log;
mod limits;
mod outage;
mod policy_text;
mod replay;
mod support;
mod verify;
mod wire;
