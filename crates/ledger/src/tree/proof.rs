//! Checking the proofs of RFC 6962, sections 2.1.1 and 2.1.2. Making them needs the tiles, which are the store's.

use crate::hash::Hash;

/// A proof does not prove what it should.
#[derive(Debug, thiserror::Error)]
#[error("the proof does not lead from the given hash to the given root")]
pub struct ProofError(#[source] tlog_tiles::Error);

/// Checks that the leaf with `leaf_hash` stands at `index` in the tree of `size` leaves with `root`. The proof is the
/// audit path, from the leaf upwards.
pub fn verify_inclusion(
    proof: &[Hash],
    index: u64,
    leaf_hash: Hash,
    size: u64,
    root: Hash,
) -> Result<(), ProofError> {
    tlog_tiles::check_record(&foreign(proof), size, root.into(), index, leaf_hash.into()).map_err(ProofError)
}

/// Checks that the tree of `old_size` leaves with `old_root` is the beginning of the tree of `size` leaves with
/// `root`. `old_size` is at least 1: everything begins with the empty tree.
pub fn verify_consistency(
    proof: &[Hash],
    old_size: u64,
    old_root: Hash,
    size: u64,
    root: Hash,
) -> Result<(), ProofError> {
    tlog_tiles::check_tree(&foreign(proof), size, root.into(), old_size, old_root.into()).map_err(ProofError)
}

fn foreign(proof: &[Hash]) -> Vec<tlog_tiles::Hash> {
    proof.iter().map(|hash| (*hash).into()).collect()
}
