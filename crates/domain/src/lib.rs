//! The rules of Spillway as plain types: outcomes, tiers, scopes, opt-outs, approvals, grants and their states.
//!
//! What must never enter: a clock, randomness, a database, HTTP, Cedar. Everything here is a function of its
//! arguments, so that the browser, the server, a backtest and a property test run the very same rules. The crate
//! builds for WASM, there without the feature `zones`: the time-zone database is too large to send to everybody.
//!
//! To add a state or an event to a machine, change its enum and its table in `tests/`: matches have no `_` arm, so
//! the compiler names every place that has to learn it.

pub mod access_request;
pub mod approval;
pub mod break_glass;
pub mod budget;
pub mod client;
pub mod comment;
pub mod decision;
pub mod digest;
pub mod directory;
pub mod enforcement;
pub mod event;
pub mod grant;
pub mod id;
pub mod incident;
pub mod name;
pub mod notice;
pub mod opt_out;
pub mod outcome;
pub mod policy_version;
pub mod post_review;
pub mod principal;
pub mod resource;
pub mod role;
pub mod rule;
pub mod scenario;
pub mod scope;
pub mod shown;
pub mod signal;
pub mod step_up;
pub mod text;
pub mod tier;
pub mod time_of_day;
pub mod window;
pub mod zone;
