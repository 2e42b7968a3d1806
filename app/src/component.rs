//! What pages are made of. A component takes data, carries the classes and never fetches.

pub mod icon;
pub mod problem;
