//! Opt-outs and their immutable revisions.

mod conditions;
mod read;
mod uses;
mod waiting;
mod write;

pub use conditions::{depend_on_incident, on_incident, with_premise};
pub use read::{
    Filter, SettledCounts, Stored, charged, find, for_update, glass_broken, list, renewals_of, revision,
    settled_like, similar, standing, unreported_end, unreported_ends,
};
pub use uses::{Use, met, principals_met, recent_uses, seen_of_bypasses, use_counts, uses_to_review};
pub use waiting::{count_open, each, waiting_for};
pub use write::{insert, mark_end_reported, update};
