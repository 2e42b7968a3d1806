//! Access requests.

mod read;
mod write;

pub use read::{
    Filter, Precedents, Tuple, by_decision, find, for_update, glass_broken, idempotent, list, list_pending,
    pending_tuples, precedents, similar,
};
pub use write::{insert, remember_key, unreported_expiries, update};
