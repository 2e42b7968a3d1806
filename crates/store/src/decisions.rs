//! Decisions: written in batches by one statement, never changed.

mod read;
mod write;

pub use read::{
    Filter, Listed, Stored, entity_versions, find, list, recent_about_principals, recent_about_resources,
    recent_records,
};
pub use write::{Batch, NewDecision, Recording, WritingConnection, make_partitions};
