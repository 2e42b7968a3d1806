//! `/opt-outs` and `/post-reviews`: what browsers post there, forged fields included.

mod break_glass;
mod emergency_access;
mod narrowing;
mod needed;
mod twice;
