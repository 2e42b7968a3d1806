//! Opt-outs: what may be asked, who decides, what is in force, and how it ends.

mod constraints;
mod deciding;
mod ending;
mod in_force;
mod narrowing;
mod preview;
mod refusals;
