//! The rules of DESIGN.md sections 3 to 5, tested from outside.
//!
//! `tables` prints every state machine and the permission matrix as text that an auditor can read, and compares it with
//! `tests/tables/*.txt`; `UPDATE_TABLES=1` writes them anew. The other modules hold one property test per invariant.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod approval;
mod at_once;
mod break_glass;
mod budget;
mod client;
mod comment;
mod conditions;
mod delegation;
mod details;
mod enforcement;
mod escalation;
mod generate;
mod grant;
mod limits;
mod narrowing;
mod need;
mod opt_out;
mod post_review;
mod quorum;
mod reached;
mod recurrence;
mod renewal;
mod scope;
mod shown;
mod signal;
mod states;
mod step_up;
mod still_open;
mod tables;
mod wanted;
mod widening;
