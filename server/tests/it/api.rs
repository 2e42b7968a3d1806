//! `/api/v1`: what machines tell Spillway, and ask it.

mod enforcements;
mod incidents;
mod opt_outs;
mod signals;
