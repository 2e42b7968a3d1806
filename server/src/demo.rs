//! What only the demo has.

pub mod history;
pub mod kept;
pub mod organisation;
pub mod people;
pub mod seed;
