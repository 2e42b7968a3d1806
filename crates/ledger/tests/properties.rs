//! What holds for any leaf and any tree.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use ledger::{Commitment, CompactTree, Hash, Leaf, Salt, leaf_hash, open, tree};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn id() -> impl Strategy<Value = String> {
    "[a-z]{2,8}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}"
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let commitments = btree_map(
        "[a-z][a-z0-9_]{0,31}",
        hash().prop_map(Commitment::from_hash),
        0..6,
    );
    // From the year 1 to the end of 9999, in microseconds.
    let at = (-62_135_596_800_000_000i64..253_402_300_800_000_000)
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap());
    (
        "[a-z][a-z0-9_]{0,31}(\\.[a-z][a-z0-9_]{0,31})?",
        id(),
        at,
        proptest::option::of(id()),
        proptest::option::of(hash()),
        commitments,
        btree_set(id(), 0..6),
    )
        .prop_map(
            |(kind, id, at, request_id, policy_digest, commitments, refs)| Leaf {
                kind,
                id,
                at,
                request_id,
                policy_digest,
                commitments,
                refs,
            },
        )
}

/// RFC 6962, section 2.1, as it stands there.
fn merkle_tree_hash(leaves: &[Vec<u8>]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => Sha256::new()
            .chain_update([0])
            .chain_update(leaf)
            .finalize()
            .into(),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            Sha256::new()
                .chain_update([1])
                .chain_update(merkle_tree_hash(left))
                .chain_update(merkle_tree_hash(right))
                .finalize()
                .into()
        }
    }
}

proptest! {
    #[test]
    fn the_compact_tree_is_the_tree_of_the_rfc(leaves in vec(vec(any::<u8>(), 0..40), 0..80)) {
        let mut tree = CompactTree::new();
        for (index, leaf) in leaves.iter().enumerate() {
            prop_assert_eq!(*tree.root().as_bytes(), merkle_tree_hash(&leaves[..index]));
            prop_assert_eq!(tree.append(leaf_hash(leaf)), index as u64);
        }
        prop_assert_eq!(*tree.root().as_bytes(), merkle_tree_hash(&leaves));
    }

    #[test]
    fn a_tree_goes_on_from_its_stored_frontier(before in vec(hash(), 0..70), after in vec(hash(), 0..10)) {
        let mut tree = CompactTree::new();
        for leaf in before {
            tree.append(leaf);
        }
        let mut from_parts = CompactTree::from_parts(tree.size(), tree.nodes().to_vec()).unwrap();
        let json = serde_json::to_string(&tree).unwrap();
        let mut from_json: CompactTree = serde_json::from_str(&json).unwrap();
        for leaf in after {
            tree.append(leaf);
            from_parts.append(leaf);
            from_json.append(leaf);
        }
        prop_assert_eq!(&from_parts, &tree);
        prop_assert_eq!(&from_json, &tree);
    }

    #[test]
    fn a_leaf_survives_its_bytes(leaf in leaf()) {
        let bytes = leaf.to_bytes().unwrap();
        prop_assert_eq!(Leaf::from_bytes(&bytes).unwrap(), leaf);
    }

    #[test]
    fn a_leafs_bytes_are_canonical_json(leaf in leaf()) {
        let bytes = leaf.to_bytes().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), bytes);
    }

    #[test]
    fn whatever_is_read_was_written_byte_for_byte(leaf in leaf(), place in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = leaf.to_bytes().unwrap();
        prop_assert_eq!(Leaf::from_bytes(&bytes).unwrap(), leaf.clone());
        let place = place.index(bytes.len());
        bytes[place] = to;
        if let Ok(read) = Leaf::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn a_commitment_opens_to_its_part_alone(
        salt in any::<[u8; 32]>(), part in vec(any::<u8>(), 0..100),
        other_salt in any::<[u8; 32]>(), other_part in vec(any::<u8>(), 0..100),
    ) {
        let leaf = Leaf {
            kind: "decision".into(),
            id: "dec_00000000000000000000000000".into(),
            at: DateTime::UNIX_EPOCH,
            request_id: None,
            policy_digest: None,
            commitments: BTreeMap::from([("input".into(), Commitment::new(&Salt::from_bytes(salt), &part))]),
            refs: BTreeSet::new(),
        };
        prop_assert!(open(&leaf, "input", &Salt::from_bytes(salt), &part).is_ok());
        let same = salt == other_salt && part == other_part;
        prop_assert_eq!(open(&leaf, "input", &Salt::from_bytes(other_salt), &other_part).is_ok(), same);
    }

    #[test]
    fn no_proof_makes_the_check_panic(
        proof in vec(hash(), 0..70), index in any::<u64>(), size in any::<u64>(), leaf in hash(), root in hash(),
    ) {
        prop_assert!(tree::verify_inclusion(&proof, index, leaf, size, root).is_err());
        prop_assert!(tree::verify_consistency(&proof, index, leaf, size, root).is_err());
    }
}
