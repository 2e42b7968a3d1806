//! What can be wrong with a log.

use std::ops::Range;

use serde::Serialize;

/// One thing that is not as it was signed. Its text is for an auditor; indexes count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// Bytes and stored hash of an entry do not belong together.
    #[error("entry {index} was changed: its content does not have the hash that is stored with it")]
    Changed {
        /// The entry.
        index: u64,
    },
    /// Hash and bytes agree, but the bytes are no leaf in canonical form.
    #[error("entry {index} is not a leaf in canonical form")]
    NotCanonical {
        /// The entry.
        index: u64,
    },
    /// Hash and bytes agree, but this program is older than the leaf's version, so its content was not read.
    #[error("entry {index} has version {version}, which this program does not know; use a newer one")]
    UnknownVersion {
        /// The entry.
        index: u64,
        /// The version it has.
        version: u64,
    },
    /// Entries are missing, though later ones are there.
    #[error("entries {first} to {last} are missing")]
    Missing {
        /// The first that is missing.
        first: u64,
        /// The last that is missing.
        last: u64,
    },
    /// An entry came after one with a higher index.
    #[error("entry {index} is out of order: it comes after entry {after}")]
    Reordered {
        /// The entry.
        index: u64,
        /// The one before it.
        after: u64,
    },
    /// An index came twice; only the first one counts.
    #[error("entry {index} comes more than once")]
    Duplicated {
        /// The entry.
        index: u64,
    },
    /// The log ends before its newest checkpoint.
    #[error("the log was cut off: {expected} entries are signed, but it ends after {found}")]
    CutOff {
        /// How many entries the newest checkpoint covers.
        expected: u64,
        /// How many there are, which is the index of the first that is gone.
        found: u64,
    },
    /// A signed root does not follow from the entries, though each agrees with its stored hash.
    #[error(
        "the entries do not lead to the signed root for size {size}: at least one from {since} on was changed \
         together with its stored hash, taken out, put in or moved"
    )]
    RootMismatch {
        /// The size of the last checkpoint whose root held, which is the first index that can be at fault.
        since: u64,
        /// The size of the checkpoint; indexes at fault are below it.
        size: u64,
    },
    /// Two checkpoints of one size have different roots: the log's key signed two histories.
    #[error("two different roots are signed for size {size}: the log told two histories")]
    Fork {
        /// The size of both.
        size: u64,
    },
    /// A checkpoint that this log's key did not sign.
    #[error("checkpoint number {ordinal} is not signed by the log's key")]
    BadSignature {
        /// Its place among the checkpoints given, from 0.
        ordinal: u64,
    },
    /// Not a checkpoint.
    #[error("checkpoint number {ordinal} cannot be read")]
    MalformedCheckpoint {
        /// Its place among the checkpoints given, from 0.
        ordinal: u64,
    },
    /// A checkpoint of another log.
    #[error("checkpoint number {ordinal} belongs to another log")]
    ForeignCheckpoint {
        /// Its place among the checkpoints given, from 0.
        ordinal: u64,
    },
    /// The checkpoint was given after its entries, when its root could not be compared any more.
    #[error("the checkpoint for size {size} came too late to be compared")]
    LateCheckpoint {
        /// Its size.
        size: u64,
    },
    /// There are entries, but nothing is signed.
    #[error("the log has entries but no valid checkpoint")]
    NoCheckpoint,
}

impl Fault {
    /// The indexes among which the fault lies; none where it concerns a checkpoint alone.
    pub fn indexes(&self) -> Option<Range<u64>> {
        match *self {
            Self::Changed { index }
            | Self::NotCanonical { index }
            | Self::UnknownVersion { index, .. }
            | Self::Reordered { index, .. }
            | Self::Duplicated { index } => Some(index..index.saturating_add(1)),
            Self::Missing { first, last } => Some(first..last.saturating_add(1)),
            Self::CutOff { expected, found } => Some(found..expected),
            Self::RootMismatch { since, size } => Some(since..size),
            Self::Fork { .. }
            | Self::BadSignature { .. }
            | Self::MalformedCheckpoint { .. }
            | Self::ForeignCheckpoint { .. }
            | Self::LateCheckpoint { .. }
            | Self::NoCheckpoint => None,
        }
    }
}
