//! Access requests: bound to a denial, decided by people, and what they give.

mod binding;
mod ending;
mod idempotency;
mod voting;
