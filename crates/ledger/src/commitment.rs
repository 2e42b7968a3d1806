//! Commitments: a leaf vouches for a part (a request, a reason, an outcome) without showing it.
//!
//! `SHA-256(0x01 ‖ salt ‖ part)` with a random salt of 32 bytes per part. Without the salt nothing about the part can
//! be guessed from the leaf, not even when the part is one of a handful of texts; so erasing salt and part together
//! erases the part, and the tree still verifies.
//!
//! An inner node of the tree has the same first byte and, for a part of 32 bytes, the same length. That is harmless:
//! a commitment stands inside a leaf's bytes, which are hashed under `0x00`, and never where the tree has a node.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::hash::Hash;
use crate::leaf::Leaf;

/// The first byte of what a commitment hashes.
const PREFIX: [u8; 1] = [0x01];

/// What a leaf says of a part: its salted hash, written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(Hash);

/// 32 random bytes from the caller's random source, new for each part. As secret as the part: whoever has the salt
/// can try texts against the commitment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 32]);

/// Why a part is not the one that a leaf vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The leaf commits to no part of that name.
    #[error("the leaf commits to no part of that name")]
    NoSuchPart,
    /// Salt or part differs from what was committed to.
    #[error("the part is not the one that the leaf commits to")]
    Differs,
}

/// Checks that `part` is what `leaf` committed to under `name`.
pub fn open(leaf: &Leaf, name: &str, salt: &Salt, part: &[u8]) -> Result<(), OpenError> {
    let commitment = leaf.commitments.get(name).ok_or(OpenError::NoSuchPart)?;
    if commitment.verify(salt, part) {
        Ok(())
    } else {
        Err(OpenError::Differs)
    }
}

impl Commitment {
    /// Commits to a part's bytes.
    pub fn new(salt: &Salt, part: &[u8]) -> Self {
        let hash = Sha256::new()
            .chain_update(PREFIX)
            .chain_update(salt.0)
            .chain_update(part)
            .finalize();
        Self(Hash::from_bytes(hash.into()))
    }

    /// Wraps a commitment that a column holds.
    pub const fn from_hash(hash: Hash) -> Self {
        Self(hash)
    }

    /// The salted hash.
    pub const fn hash(&self) -> Hash {
        self.0
    }

    /// Whether salt and part are those committed to.
    pub fn verify(&self, salt: &Salt, part: &[u8]) -> bool {
        *self == Self::new(salt, part)
    }
}

impl Salt {
    /// Wraps 32 random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, to be encrypted beside the part.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(hidden)")
    }
}
