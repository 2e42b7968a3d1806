//! The ledger's rows: what is pending, what is placed, the head, the checkpoints.

mod place_of;
mod sequence;
mod verify;

pub use place_of::{checkpoint_over, index_of};
pub use sequence::{
    Head, Placed, StoredCheckpoint, advance, checkpoint_of, hashes_after, head, insert_checkpoint,
    newest_checkpoint, pending, place, try_lock,
};
pub use verify::{
    DecisionPart, EventPart, LeafRow, begin_verification, checkpoints, decision_parts, event_parts, leaves,
    pending_hashes, unplaced_decisions, unplaced_events,
};
