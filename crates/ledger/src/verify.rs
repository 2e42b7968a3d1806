//! Reads a log from its first entry and names every entry that is not what was signed.
//!
//! Give the checkpoints first, or each before the entries that come after it; then the entries in the order of their
//! indexes; then ask for the report. Memory is one hash per checkpoint and per entry that waits for an earlier one.
//!
//! # How exactly a fault can be placed
//!
//! - An entry whose bytes were changed is named exactly, by the hash stored beside it. Which of the two was touched,
//!   the signed root tells; the walk goes on with the right one.
//! - Whoever changes both, or renumbers after taking an entry out, leaves a log that agrees with itself; it differs
//!   from the signed root of the first checkpoint after. So the fault is placed between that checkpoint and the one
//!   before ([`Fault::RootMismatch`]). Later roots all differ then and are not reported again.
//! - A log cut off together with its last checkpoints is an older log, and nothing inside it shows that: compare
//!   [`Report::signed_size`] with a checkpoint kept elsewhere (an auditor's copy, the node's disk, a witness), or
//!   give that one to [`Verifier::checkpoint`] too.

mod fault;
mod report;

use std::collections::BTreeMap;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::leaf::{Leaf, LeafError, leaf_hash};
use crate::tree::CompactTree;

pub use fault::Fault;
pub use report::Report;

/// How many entries may wait for an earlier one before it counts as missing: 4 MiB of hashes.
const MAX_WAITING: usize = 1 << 16;

/// One entry as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The leaf's bytes.
    pub leaf: &'a [u8],
    /// The leaf's hash, stored beside it.
    pub stored_hash: Hash,
}

/// A walk over a log.
#[derive(Debug)]
pub struct Verifier {
    key: VerifierKey,
    /// Signed size → signed root.
    heads: BTreeMap<u64, Hash>,
    checkpoints: u64,
    entries: u64,
    /// The index that comes next in order.
    next: u64,
    /// The index pushed last.
    last: Option<u64>,
    /// Entries that came before an earlier one.
    waiting: BTreeMap<u64, LeafHashes>,
    /// First index → last index of what counts as missing.
    given_up: BTreeMap<u64, u64>,
    tree: CompactTree,
    /// The tree by the stored hashes, from where those first differed since the last root that held.
    by_stored: Option<CompactTree>,
    signed_size: u64,
    roots: Roots,
    faults: Vec<Fault>,
}

/// The hash of the bytes, and the one stored beside them.
#[derive(Debug, Clone, Copy)]
struct LeafHashes {
    computed: Hash,
    stored: Hash,
}

/// Whether the tree can still be compared with signed roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Roots {
    Comparable,
    /// A root differed, so all later ones do.
    Differed,
    /// An entry is missing: there is no tree beyond it.
    Gap,
}

impl Verifier {
    /// A verifier that trusts this key and nothing else.
    pub fn new(key: VerifierKey) -> Self {
        Self {
            key,
            heads: BTreeMap::new(),
            checkpoints: 0,
            entries: 0,
            next: 0,
            last: None,
            waiting: BTreeMap::new(),
            given_up: BTreeMap::new(),
            tree: CompactTree::new(),
            by_stored: None,
            signed_size: 0,
            roots: Roots::Comparable,
            faults: Vec::new(),
        }
    }

    /// Takes a checkpoint. A bad one is a fault and otherwise ignored.
    pub fn checkpoint(&mut self, signed_text: &str) -> Result<(), Fault> {
        let already = self.faults.len();
        let ordinal = self.checkpoints;
        self.checkpoints += 1;
        match Checkpoint::open(signed_text, &self.key) {
            Ok(head) => self.take_head(head),
            Err(error) => self.faults.push(match error {
                CheckpointError::Unsigned | CheckpointError::BadSignature => Fault::BadSignature { ordinal },
                CheckpointError::Note(_) | CheckpointError::Body => Fault::MalformedCheckpoint { ordinal },
                CheckpointError::Origin => Fault::ForeignCheckpoint { ordinal },
            }),
        }
        self.first_since(already)
    }

    /// Takes the next entry and answers the first fault that it shows. A fault does not end the walk: all of them are
    /// in the report. An entry that comes too early is no fault yet; what it waited for is named when it comes, or
    /// at the end.
    pub fn push(&mut self, entry: Entry<'_>) -> Result<(), Fault> {
        let already = self.faults.len();
        self.entries += 1;
        if self.is_repetition(entry.index) {
            self.faults.push(Fault::Duplicated { index: entry.index });
        } else {
            let hashes = self.inspect(entry);
            self.place(entry.index, hashes);
        }
        self.first_since(already)
    }

    /// Ends the walk.
    pub fn finish(mut self) -> Report {
        while !self.waiting.is_empty() {
            self.give_up_gap();
        }
        let signed_end = self.heads.last_key_value().map(|(size, _)| *size);
        match signed_end {
            Some(expected) if expected > self.next => {
                self.faults.push(Fault::CutOff {
                    expected,
                    found: self.next,
                });
            }
            None if self.entries > 0 => self.faults.push(Fault::NoCheckpoint),
            _ => {}
        }
        Report {
            entries: self.entries,
            size: self.tree.size(),
            root: self.tree.root(),
            signed_size: self.signed_size,
            faults: self.faults,
        }
    }

    fn take_head(&mut self, head: Checkpoint) {
        let size = head.size;
        match self.heads.insert(size, head.root) {
            Some(earlier) if earlier != head.root => {
                self.heads.insert(size, earlier);
                self.faults.push(Fault::Fork { size });
            }
            Some(_) => {}
            None if size == self.tree.size() => self.compare_root(),
            None if size < self.tree.size() => self.faults.push(Fault::LateCheckpoint { size }),
            None => {}
        }
    }

    fn is_repetition(&self, index: u64) -> bool {
        self.waiting.contains_key(&index) || (index < self.next && !self.was_given_up(index))
    }

    fn was_given_up(&self, index: u64) -> bool {
        self.given_up
            .range(..=index)
            .next_back()
            .is_some_and(|(_, last)| index <= *last)
    }

    /// Looks at one entry by itself.
    fn inspect(&mut self, entry: Entry<'_>) -> LeafHashes {
        let index = entry.index;
        let computed = leaf_hash(entry.leaf);
        if computed != entry.stored_hash {
            self.faults.push(Fault::Changed { index });
        } else {
            match Leaf::from_bytes(entry.leaf) {
                Ok(_) => {}
                Err(LeafError::UnknownVersion { found }) => {
                    self.faults.push(Fault::UnknownVersion {
                        index,
                        version: found,
                    });
                }
                Err(_) => self.faults.push(Fault::NotCanonical { index }),
            }
        }
        LeafHashes {
            computed,
            stored: entry.stored_hash,
        }
    }

    /// Puts one entry where it belongs.
    fn place(&mut self, index: u64, hashes: LeafHashes) {
        match self.last.replace(index) {
            Some(after) if index < after => self.faults.push(Fault::Reordered { index, after }),
            _ => {}
        }
        if index > self.next {
            self.waiting.insert(index, hashes);
            if self.waiting.len() > MAX_WAITING {
                self.give_up_gap();
            }
        } else if index == self.next {
            self.advance(hashes);
            self.advance_waiting();
        }
        // Below `next` is only what was given up as missing and came after all: named above, too late for the tree.
    }

    fn advance(&mut self, hashes: LeafHashes) {
        self.next = self.next.saturating_add(1);
        if self.roots == Roots::Gap {
            return;
        }
        if self.by_stored.is_none() && hashes.stored != hashes.computed {
            self.by_stored = Some(self.tree.clone());
        }
        self.tree.append(hashes.computed);
        if let Some(tree) = &mut self.by_stored {
            tree.append(hashes.stored);
        }
        self.compare_root();
    }

    fn advance_waiting(&mut self) {
        while let Some(hashes) = self.waiting.remove(&self.next) {
            self.advance(hashes);
        }
    }

    /// Names what the first waiting entry waits for, and goes on behind it.
    fn give_up_gap(&mut self) {
        let Some((&index, _)) = self.waiting.first_key_value() else {
            return;
        };
        let (first, last) = (self.next, index.saturating_sub(1));
        self.given_up.insert(first, last);
        self.faults.push(Fault::Missing { first, last });
        self.roots = Roots::Gap;
        self.next = index;
        self.advance_waiting();
    }

    /// Compares with the signed root for the present size, if there is one.
    fn compare_root(&mut self) {
        let size = self.tree.size();
        let Some(signed) = self
            .heads
            .get(&size)
            .copied()
            .filter(|_| self.roots == Roots::Comparable)
        else {
            return;
        };
        if self.tree.root() == signed {
            self.by_stored = None;
        } else if self.by_stored.as_ref().is_some_and(|tree| tree.root() == signed) {
            // The stored hashes are the signed ones, so it was the bytes that were changed.
            self.tree = self.by_stored.take().unwrap_or_default();
        } else {
            self.faults.push(Fault::RootMismatch {
                since: self.signed_size,
                size,
            });
            self.roots = Roots::Differed;
            return;
        }
        self.signed_size = size;
    }

    fn first_since(&self, already: usize) -> Result<(), Fault> {
        self.faults.get(already).cloned().map_or(Ok(()), Err)
    }
}
