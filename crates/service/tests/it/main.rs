//! The use cases on a real Postgres, as the serving role, with a clock and an organisation that the test sets.
//!
//! Each test is a story told through [`world::World`]: who asks, who votes, how time passes, what stands then. Time is
//! the manual clock's and nobody waits for anything.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]
#![allow(unreachable_pub, missing_docs, reason = "nobody uses a test from outside")]

mod access_requests;
mod administration;
mod audit;
mod break_glass;
mod bulk;
mod clients;
mod comments;
mod coverage;
mod delegations;
mod drafts;
mod eligible;
mod enforcements;
mod escalations;
mod groups_fresh;
mod imports;
mod inbox;
mod leaving;
mod moment;
mod nobody_left;
mod notices;
mod once;
mod opt_outs;
mod post_reviews;
mod premises;
mod recording;
mod scene;
mod signals;
mod step_up;
mod visibility;
mod void_votes;
mod wanted;
mod world;
