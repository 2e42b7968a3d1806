//! The ledger: an append-only Merkle log of all that happened, which an auditor can check without trusting the server.
//!
//! - [`leaf`]: what one entry says, and its bytes.
//! - [`commitment`]: how a leaf vouches for a part that it does not show, so that the part can be erased.
//! - [`tree`]: the RFC 6962 tree as a frontier of a few hashes, which the sequencer keeps in its head row; proofs.
//! - [`checkpoint`]: the signed head of the tree (C2SP `tlog-checkpoint` in a `signed-note`), and its [`key`]s.
//! - [`verify`]: reads a log in order and names every entry that is not what was signed.
//!
//! # What must never enter
//!
//! A leaf is for ever, so nothing that somebody may have a right to have erased goes into one: **no name, no mail
//! address, no host address, no free text.** A leaf holds kinds, random ids, an instant, digests and salted
//! commitments; the validation of [`leaf`] refuses everything else by its form. Into this crate go no I/O, no clock
//! and no randomness (salts, seeds and instants are arguments), and none of our other crates: the verifier that an
//! auditor runs must not change because a page or a rule did. It builds for WASM.
//!
//! # To add a kind of leaf
//!
//! Use it: a kind is any `aggregate` or `aggregate.verb` in the form that [`leaf::Leaf::kind`] gives, and an old
//! verifier reads it. The closed list of kinds is the caller's. Add an example to `tests/golden/`.
//!
//! # To add a version of the leaf
//!
//! The bytes of a version never change once one is stored. Give the new shape its own wire struct beside
//! `leaf/wire.rs`, choose by the version number in [`leaf::Leaf::from_bytes`], write only the newest, and keep reading
//! all older ones; then add golden files beside the old, which stay. A verifier that is too old says
//! [`verify::Fault::UnknownVersion`] and still checks the hashes.

pub mod checkpoint;
pub mod commitment;
pub mod hash;
pub mod key;
pub mod leaf;
pub mod tree;
pub mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use commitment::{Commitment, OpenError, Salt, open};
pub use hash::{Hash, HashError};
pub use key::{KeyError, SigningKey, VerifierKey};
pub use leaf::{Leaf, LeafError, leaf_hash};
pub use tree::{CompactTree, FrontierError};
pub use verify::{Entry, Fault, Report, Verifier};
