//! What only the demo has.

pub mod people;
