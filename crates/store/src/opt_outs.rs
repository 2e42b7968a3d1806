//! Opt-outs and their immutable revisions.

mod read;
mod uses;
mod write;

pub use read::{
    Filter, Stored, find, for_update, glass_broken, list, list_pending, revision, standing, unreported_ends,
};
pub use uses::{Use, recent_uses, use_counts};
pub use write::{insert, mark_end_reported, update};
