//! Break-glass: emergency access or an emergency bypass, in force at its commit on every node, and what is owed for it.

mod access;
mod access_shape;
mod bypass;
mod bypass_shape;
mod ground;
mod in_force;
mod offer;
mod past;
mod told;

pub use access_shape::EmergencyInput;
pub(crate) use access_shape::{is_one_s_own, reachable};
pub use bypass_shape::BreakGlassInput;
pub use ground::BreakGlassTerms;
pub(crate) use ground::{second_person, skipped};
pub(crate) use in_force::{cut_access, cut_opt_out, grant_in_force, opt_out_in_force};
pub use offer::{BreakGlassOffer, Refused};
pub use past::{BrokenFor, BrokenGlass};
pub use told::{Arrival, Told, ToldPerson};
