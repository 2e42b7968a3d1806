//! Tests of policies, evaluation and the demo organisation's policy, against the public interface.

mod demo;
mod support;

mod differential;
mod explain;
mod grants;
mod impact;
mod load;
mod matrix;
mod opt_outs;
mod properties;
mod roles;
mod scope_tier;
mod unknown;
