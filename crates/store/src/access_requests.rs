//! Access requests.

mod read;
mod waiting;
mod write;

pub use read::{
    Filter, Precedents, Tuple, by_decision, find, for_update, glass_broken, idempotent, list, pending_tuples,
    precedents, similar,
};
pub use waiting::{Open, count_open, each, waiting_for};
pub use write::{insert, remember_key, unreported_expiries, update};
