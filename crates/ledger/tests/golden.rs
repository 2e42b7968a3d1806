//! The golden files: bytes, hashes and signatures that may never change again, since logs exist that depend on them.
//! Where a test here fails, the change is wrong, not the file. See `golden/README.md`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is a failed test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use ledger::tree::{verify_consistency, verify_inclusion};
use ledger::{Checkpoint, Commitment, CompactTree, Entry, Hash, Leaf, Salt, SigningKey, Verifier, leaf_hash};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const LEAVES: [&str; 3] = ["decision", "opt_out.approved", "bare"];

fn read(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name]
        .iter()
        .collect();
    std::fs::read_to_string(path).unwrap()
}

fn read_json<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&read(name)).unwrap()
}

fn leaf_bytes(name: &str) -> Vec<u8> {
    read(&format!("leaf-v1-{name}.json"))
        .strip_suffix('\n')
        .unwrap()
        .as_bytes()
        .to_vec()
}

fn golden_key() -> SigningKey {
    let seed: Vec<u8> = (0..32).collect();
    SigningKey::from_seed("spillway.example.com/ledger", &seed.try_into().unwrap()).unwrap()
}

fn golden_head() -> Checkpoint {
    let mut tree = CompactTree::new();
    for name in LEAVES {
        tree.append(leaf_hash(&leaf_bytes(name)));
    }
    Checkpoint {
        size: tree.size(),
        root: tree.root(),
    }
}

#[derive(Deserialize)]
struct GoldenCommitment {
    salt: String,
    part: String,
    commitment: Commitment,
}

#[derive(Deserialize)]
struct GoldenRoots {
    leaves: Vec<String>,
    roots: Vec<Hash>,
}

#[derive(Deserialize)]
struct GoldenInclusion {
    index: u64,
    size: u64,
    proof: Vec<Hash>,
}

#[derive(Deserialize)]
struct GoldenConsistency {
    old_size: u64,
    size: u64,
    proof: Vec<Hash>,
}

#[test]
fn a_leaf_is_written_from_its_fields_as_it_always_was() {
    let mut leaf = Leaf {
        kind: "decision".into(),
        id: "dec_01j9zq4x8m7v2k5t3n6p0r1w9y".into(),
        at: chrono::DateTime::from_timestamp(1_772_366_400, 0).unwrap(),
        request_id: Some("cor_01j9zq4x8m7v2k5t3n6p0r1w9z".into()),
        policy_digest: Leaf::from_bytes(&leaf_bytes("decision")).unwrap().policy_digest,
        commitments: BTreeMap::new(),
        refs: ["opt_01j9zq4x8m7v2k5t3n6p0r1wa1", "grt_01j9zq4x8m7v2k5t3n6p0r1wa0"]
            .map(String::from)
            .into(),
    };
    let salt = Salt::from_bytes([0xa5; 32]);
    leaf.commitments
        .insert("outcome".into(), Commitment::new(&salt, b"review"));
    let salt = Salt::from_bytes(std::array::from_fn(|place| place as u8));
    leaf.commitments.insert(
        "input".into(),
        Commitment::new(&salt, br#"{"subject":"ci/payments"}"#),
    );
    assert_eq!(leaf.to_bytes().unwrap(), leaf_bytes("decision"));
}

#[test]
fn leaves_are_read_and_written_back_and_keep_their_hashes() {
    let hashes: BTreeMap<String, Hash> = read_json("leaf-hashes.json");
    assert_eq!(hashes.len(), LEAVES.len());
    for name in LEAVES {
        let bytes = leaf_bytes(name);
        assert_eq!(
            Leaf::from_bytes(&bytes).unwrap().to_bytes().unwrap(),
            bytes,
            "{name}"
        );
        assert_eq!(leaf_hash(&bytes), hashes[name], "{name}");
    }
}

#[test]
fn commitments_keep_their_value() {
    for golden in read_json::<Vec<GoldenCommitment>>("commitments.json") {
        let salt = Salt::from_bytes(hex::decode(golden.salt).unwrap().try_into().unwrap());
        let part = hex::decode(golden.part).unwrap();
        assert_eq!(Commitment::new(&salt, &part), golden.commitment);
    }
}

#[test]
fn roots_are_those_of_the_published_vectors() {
    let golden: GoldenRoots = read_json("rfc6962-roots.json");
    let mut tree = CompactTree::new();
    assert_eq!(tree.root(), golden.roots[0]);
    for (leaf, root) in golden.leaves.iter().zip(&golden.roots[1..]) {
        tree.append(leaf_hash(&hex::decode(leaf).unwrap()));
        assert_eq!(tree.root(), *root, "{} leaves", tree.size());
    }
    assert_eq!(tree.size(), 8);
}

#[test]
fn every_proof_over_the_published_vectors_holds_and_no_other_does() {
    let golden: GoldenRoots = read_json("rfc6962-roots.json");
    let root = |size: u64| golden.roots[size as usize];
    let wrong = Hash::from_bytes([7; 32]);
    for GoldenInclusion {
        index,
        size,
        mut proof,
    } in read_json::<Vec<_>>("inclusion-proofs.json")
    {
        let leaf = leaf_hash(&hex::decode(&golden.leaves[index as usize]).unwrap());
        verify_inclusion(&proof, index, leaf, size, root(size)).unwrap();
        assert!(verify_inclusion(&proof, index, wrong, size, root(size)).is_err());
        assert!(verify_inclusion(&proof, index, leaf, size, wrong).is_err());
        assert!(verify_inclusion(&proof, size, leaf, size, root(size)).is_err());
        proof.push(wrong);
        assert!(verify_inclusion(&proof, index, leaf, size, root(size)).is_err());
    }
    for GoldenConsistency {
        old_size,
        size,
        mut proof,
    } in read_json::<Vec<_>>("consistency-proofs.json")
    {
        verify_consistency(&proof, old_size, root(old_size), size, root(size)).unwrap();
        assert!(verify_consistency(&proof, old_size, wrong, size, root(size)).is_err());
        assert!(verify_consistency(&proof, old_size, root(old_size), size, wrong).is_err());
        assert!(verify_consistency(&proof, 0, root(0), size, root(size)).is_err());
        proof.push(wrong);
        assert!(verify_consistency(&proof, old_size, root(old_size), size, root(size)).is_err());
    }
}

#[test]
fn the_key_and_the_signed_checkpoint_keep_their_text() {
    let key = golden_key();
    let verifier_key = key.verifier_key().unwrap();
    assert_eq!(format!("{verifier_key}\n"), read("verifier-key.txt"));
    assert_eq!(golden_head().sign(&key).unwrap(), read("checkpoint.txt"));
    assert_eq!(
        Checkpoint::open(&read("checkpoint.txt"), &verifier_key).unwrap(),
        golden_head()
    );
}

#[test]
fn the_golden_log_verifies() {
    let mut verifier = Verifier::new(golden_key().verifier_key().unwrap());
    verifier.checkpoint(&read("checkpoint.txt")).unwrap();
    let hashes: BTreeMap<String, Hash> = read_json("leaf-hashes.json");
    for (index, name) in LEAVES.into_iter().enumerate() {
        let leaf = leaf_bytes(name);
        verifier
            .push(Entry {
                index: index as u64,
                leaf: &leaf,
                stored_hash: hashes[name],
            })
            .unwrap();
    }
    let report = verifier.finish();
    assert!(report.is_intact(), "{report:?}");
    assert_eq!((report.entries, report.size, report.signed_size), (3, 3, 3));
    assert_eq!(report.root, golden_head().root);
}
