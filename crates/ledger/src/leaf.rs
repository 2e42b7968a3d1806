//! One entry of the log.
//!
//! Its bytes are canonical JSON (RFC 8785) of this shape, and only these bytes count:
//!
//! ```json
//! {"at":"2026-03-01T12:00:00.000000Z","commitments":{"input":"<64 hex>"},"id":"dec_<26>","kind":"decision",
//!  "policy_digest":"<64 hex>","refs":["grt_<26>"],"request_id":"cor_<26>","version":1}
//! ```
//!
//! `policy_digest` and `request_id` are left out where there is none; `refs` is sorted and without repetition.

mod form;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::commitment::Commitment;
use crate::hash::Hash;

/// The version that [`Leaf::to_bytes`] writes.
pub const VERSION: u64 = 1;

/// The most bytes that a leaf may have. A tile's entry bundle could hold 65,535; this keeps one readable and cheap.
pub const MAX_BYTES: usize = 4096;

/// What one entry of the log says. Checked by [`Leaf::to_bytes`], since every field is a form, not a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// `decision`, or `aggregate.verb` such as `opt_out.approved`: one or two words of at most 32 lower-case letters,
    /// digits and underscores, each starting with a letter.
    pub kind: String,
    /// The random id of the record that this leaf vouches for, in its outer form: two to eight lower-case letters,
    /// an underscore and 26 characters of lower-case Crockford base 32. No name has that form.
    pub id: String,
    /// When it happened, by the server's clock, in whole microseconds (what Postgres keeps).
    pub at: DateTime<Utc>,
    /// The request or run that caused it, in the form of [`Leaf::id`]; none where the system acted by itself.
    pub request_id: Option<String>,
    /// SHA-256 of the policy version in force, where one mattered.
    pub policy_digest: Option<Hash>,
    /// Part name → commitment. A part name is a word as in [`Leaf::kind`].
    pub commitments: BTreeMap<String, Commitment>,
    /// Random ids of related objects, in the form of [`Leaf::id`].
    pub refs: BTreeSet<String>,
}

/// Why a leaf cannot be written, or bytes are not a leaf. No variant repeats the refused text: it may be a name.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// The kind has another form than `word` or `word.word`.
    #[error(
        "a leaf's kind is one or two words of lower-case letters, digits and underscores, joined by a dot"
    )]
    Kind,
    /// An id has another form than prefix, underscore and 26 characters.
    #[error("{field} holds something that is not a random id in its outer form")]
    Id {
        /// `id`, `request_id` or `refs`.
        field: &'static str,
    },
    /// A part's name is not a word.
    #[error("a part's name is a word of lower-case letters, digits and underscores")]
    PartName,
    /// The instant is finer than a microsecond, a leap second, or outside the years 1 to 9999.
    #[error("a leaf's instant is in whole microseconds, in the years 1 to 9999")]
    Instant,
    /// More than [`MAX_BYTES`].
    #[error("a leaf has at most {MAX_BYTES} bytes, this one has {size_bytes}")]
    TooLarge {
        /// How many it has.
        size_bytes: usize,
    },
    /// Not JSON, a field is missing, unknown or of another type.
    #[error("these bytes are not a leaf")]
    Malformed(#[source] serde_json::Error),
    /// A version that this program does not know.
    #[error("leaf version {found} is not known to this program")]
    UnknownVersion {
        /// The version in the bytes.
        found: u64,
    },
    /// The same content has other bytes: another order, spacing, spelling or repetition.
    #[error("these bytes are not the canonical form of their content")]
    NotCanonical,
}

impl Leaf {
    /// The canonical bytes, which are what is hashed and stored.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LeafError> {
        form::check(self)?;
        let bytes = wire::write(self)?;
        check_size(&bytes)?;
        Ok(bytes)
    }

    /// Reads a leaf back. Strict: whatever [`Leaf::to_bytes`] would not have written byte for byte is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LeafError> {
        check_size(bytes)?;
        let leaf = match wire::version(bytes)? {
            VERSION => wire::read(bytes)?,
            found => return Err(LeafError::UnknownVersion { found }),
        };
        if leaf.to_bytes()? == bytes {
            Ok(leaf)
        } else {
            Err(LeafError::NotCanonical)
        }
    }
}

/// The hash of a leaf's bytes as the tree holds it: `SHA-256(0x00 ‖ bytes)` (RFC 6962, section 2.1).
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    tlog_tiles::record_hash(bytes).into()
}

fn check_size(bytes: &[u8]) -> Result<(), LeafError> {
    if bytes.len() > MAX_BYTES {
        return Err(LeafError::TooLarge {
            size_bytes: bytes.len(),
        });
    }
    Ok(())
}
