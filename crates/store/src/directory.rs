//! Teams, groups, principals, resources.

pub mod leaving;
mod load;
pub mod next;
pub mod same;
mod save;

pub use load::{is_known, load};
pub(crate) use load::{principal_ref, resource_ref};
pub use save::{change, leave, lock, store_entity_versions, uids_of_gone};
