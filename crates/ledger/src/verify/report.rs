//! What a walk over a log found.

use std::ops::Range;

use serde::Serialize;

use super::Fault;
use crate::hash::Hash;

/// The result of a walk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many entries were given.
    pub entries: u64,
    /// How many of them follow each other from 0 without a gap.
    pub size: u64,
    /// The root of the tree over those.
    pub root: Hash,
    /// The largest size whose signed root follows from the entries: below it all is as it was signed, but for entries
    /// that a fault names.
    pub signed_size: u64,
    /// All that is wrong, in the order of finding.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Whether everything is as it was signed, up to the last entry. A log that is being written may have a tail of
    /// about a second that is not signed yet; where that is no matter, ask for no `faults` and look at
    /// [`Report::unsigned`].
    pub fn is_intact(&self) -> bool {
        self.faults.is_empty() && self.unsigned().is_none()
    }

    /// The entries at the end that no checkpoint vouches for: not signed yet, put there by somebody else, or behind
    /// a fault.
    pub fn unsigned(&self) -> Option<Range<u64>> {
        (self.signed_size < self.size).then_some(self.signed_size..self.size)
    }
}
