//! Opt-outs: what may be asked, who decides, what is in force, how it ends, and what comes after.

mod budgets;
mod constraints;
mod covered;
mod deciders;
mod deciding;
mod ending;
mod hours;
mod in_force;
mod narrowing;
mod needless;
mod preview;
mod refusals;
mod renewal;
mod stages;
