//! The ledger at work: the sequencer that places and signs entries, and the verification of all of it.
//!
//! Commands and decisions leave their entries pending in their own transactions. One node at a time places them in the
//! log; the others wait for its lock. What is placed is signed after its commit, within a second.

mod disk_head;
mod key_file;
mod records;
mod sequencer;
mod verify;

pub use disk_head::{DiskHead, DiskHeadError};
pub use key_file::{KeyFileError, open_or_make, read};
pub(crate) use key_file::{refuse_exposed, write_private};
pub use records::RecordFault;
pub use sequencer::{SequenceError, Sequencer, Step};
pub use verify::{Finding, LedgerReport, VerifyError, verify_ledger};
