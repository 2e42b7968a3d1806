//! Decisions: written in batches by one statement, never changed.

mod read;
mod write;

pub use read::{
    Filter, Listed, Stored, answered_by, entity_versions, find, list, recent_about_principals,
    recent_about_resources, recent_records, refused_to,
};
pub use write::{Batch, NewDecision, Recording, WritingConnection, in_default_partition, make_partitions};
