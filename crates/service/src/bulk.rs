//! Deciding several items of the inbox at once. Each is voted on by the command that votes on one, in its own transaction
//! and by its own judgement; what that says of each is kept for the one who decided.

mod decide;
mod outcome;

pub use decide::{BulkItem, BulkItemError};
pub use outcome::{BulkOutcome, ItemOutcome};

/// How long an act is kept to be looked at, in days.
pub const KEPT_DAYS: i64 = 30;
