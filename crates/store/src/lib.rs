//! Postgres: all SQL of Spillway, one module per aggregate.
//!
//! What must never enter: a rule. A function here loads, saves or lists; whether something may happen is `domain`'s to
//! say and `service`'s to ask. Reads take an executor, writes take `&mut Tx`, and every update checks that it changed
//! exactly one row of the version it read.
//!
//! To add a query: put it into its aggregate's module with the `query!` family and literal SQL, run
//! `cargo sqlx prepare --workspace`, commit `.sqlx`. To add a table: a migration pair that explains itself.

mod any_json;
mod error;
mod tx;

pub mod access_requests;
pub mod break_glass;
pub mod budgets;
pub mod bulk_acts;
pub mod clients;
pub mod comments;
pub mod decisions;
pub mod delegations;
pub mod deliveries;
pub mod directory;
pub mod drafts;
pub mod endpoints;
pub mod enforcements;
pub mod escalations;
pub mod events;
pub mod generation;
pub mod grants;
pub mod health;
pub mod incidents;
pub mod installation;
pub mod ledger_log;
pub mod migrations;
pub mod notices;
pub mod opt_outs;
pub mod policy_versions;
pub mod pooler;
pub mod post_reviews;
pub mod roles_seen;
pub mod sent_forms;
pub mod sessions;
pub mod signals;
pub mod step_ups;
pub mod tickets;
pub mod undecidable;
pub mod votes;

pub use error::StoreError;
pub use sqlx::PgConnection as Connection;
pub use tx::{Store, Tx};
