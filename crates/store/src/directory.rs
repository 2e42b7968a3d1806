//! Teams, groups, principals, resources.

pub mod leaving;
mod load;
mod save;

pub use load::{is_known, load};
pub(crate) use load::{principal_ref, resource_ref};
pub use save::{lock, replace, store_entity_versions, uids};
