//! `/api/v1`: what machines tell Spillway.

mod enforcements;
mod incidents;
mod signals;
