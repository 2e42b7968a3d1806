//! Tests of policies, evaluation and the demo organisation's policy, against the public interface.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod demo;
mod random;
mod support;

mod differential;
mod exemptible;
mod explain;
mod grants;
mod hours;
mod impact;
mod load;
mod matrix;
mod opt_outs;
mod premises;
mod properties;
mod roles;
mod scope_tier;
mod unknown;
