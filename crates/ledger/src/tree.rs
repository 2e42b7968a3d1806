//! The Merkle tree of RFC 6962, section 2.1, as its frontier: the roots of the full subtrees that the leaves so far
//! fill, largest first. With it a leaf is appended and the root known in O(log n), without reading the log.
//!
//! The hashing and the proofs are those of `tlog_tiles`. The frontier is our own, a dozen lines: `tlog_tiles` appends
//! by reading earlier nodes at their places in a store, and asserts on what it reads, where the sequencer has one head
//! row; `ct-merkle` keeps all leaves in memory.

mod proof;

use serde::{Deserialize, Serialize};

use crate::hash::Hash;

pub use proof::{ProofError, verify_consistency, verify_inclusion};

/// A tree that can grow: how many leaves it has, and one hash per set bit of that number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct CompactTree {
    size: u64,
    nodes: Vec<Hash>,
}

/// The nodes do not belong to a tree of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has {expected} frontier nodes, not {found}")]
pub struct FrontierError {
    /// The size given.
    pub size: u64,
    /// The set bits of the size.
    pub expected: u32,
    /// The nodes given.
    pub found: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    size: u64,
    nodes: Vec<Hash>,
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    tlog_tiles::EMPTY_HASH.into()
}

impl CompactTree {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self {
            size: 0,
            nodes: Vec::new(),
        }
    }

    /// The tree that a head row holds. The count of nodes is checked; their values are by comparing [`Self::root`]
    /// with the root that was signed for this size.
    pub fn from_parts(size: u64, nodes: Vec<Hash>) -> Result<Self, FrontierError> {
        let expected = size.count_ones();
        if usize::try_from(expected) != Ok(nodes.len()) {
            return Err(FrontierError {
                size,
                expected,
                found: nodes.len(),
            });
        }
        Ok(Self { size, nodes })
    }

    /// How many leaves the tree has, which is also the index of the next one.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The frontier, the largest subtree first; at most 64 hashes.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Appends a leaf by its hash ([`crate::leaf_hash`]) and answers its index.
    pub fn append(&mut self, leaf_hash: Hash) -> u64 {
        let index = self.size;
        let mut node = leaf_hash;
        // As in a binary counter: each trailing one is a subtree as large as the one just completed.
        for _ in 0..index.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(left, node);
            }
        }
        self.nodes.push(node);
        self.size += 1;
        index
    }

    /// The root of the leaves so far.
    pub fn root(&self) -> Hash {
        let from_the_right = self.nodes.iter().rev().copied();
        from_the_right
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or_else(empty_root)
    }
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
fn node_hash(left: Hash, right: Hash) -> Hash {
    tlog_tiles::node_hash(left.into(), right.into()).into()
}

impl TryFrom<Parts> for CompactTree {
    type Error = FrontierError;
    fn try_from(parts: Parts) -> Result<Self, FrontierError> {
        Self::from_parts(parts.size, parts.nodes)
    }
}

impl From<CompactTree> for Parts {
    fn from(tree: CompactTree) -> Self {
        Self {
            size: tree.size,
            nodes: tree.nodes,
        }
    }
}
