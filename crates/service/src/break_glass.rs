//! Break-glass: an emergency bypass, in force at its commit on every node, and what is owed for it.

mod act;
mod in_force;
mod offer;
mod prepare;
mod told;

pub(crate) use in_force::{comes_into_force, cut, skipped};
pub use offer::{BreakGlassOffer, BrokenGlass};
pub(crate) use prepare::second_person;
pub use prepare::{BreakGlassInput, BreakGlassTerms};
pub use told::{Arrival, Told, ToldPerson};
