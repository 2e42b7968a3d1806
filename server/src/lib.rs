//! The `spillway` binary as a library, so that its tests can start it.
//!
//! What must never enter: rules (they are in `domain` and `policy`), SQL (in `store`), use cases (in `service`). Here is
//! what speaks HTTP, what a person signs in with, and the command line.
//!
//! Add a machine route in its own module and mount it by [`http::Mounts`]; a command in [`command`].

pub mod access;
pub mod api;
pub mod application;
pub mod command;
pub mod config;
pub mod connections;
pub mod database;
pub mod deliver;
pub mod demo;
pub mod demo_idp;
pub mod forms;
pub mod http;
pub mod metrics;
pub mod mounts;
pub mod node;
pub mod operator;
pub mod postgres;
pub mod readiness;
pub mod run;
pub mod sequence;
pub mod session_log;
pub mod sign_in;
pub mod tickets;
pub mod verify;
