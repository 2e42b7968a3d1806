//! The verifier at its edges: several faults at once, bad checkpoints, order of arrival, and its limits.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is a failed test"
)]

use chrono::DateTime;
use ledger::tree::empty_root;
use ledger::{Checkpoint, CompactTree, Entry, Fault, Hash, Leaf, SigningKey, Verifier, leaf_hash};

fn key() -> SigningKey {
    SigningKey::from_seed("test.example/log", &[42; 32]).unwrap()
}

fn verifier() -> Verifier {
    Verifier::new(key().verifier_key().unwrap())
}

fn leaf(number: u64) -> Vec<u8> {
    let leaf = Leaf {
        kind: "decision".into(),
        id: format!("dec_{number:026}"),
        at: DateTime::UNIX_EPOCH,
        request_id: None,
        policy_digest: None,
        commitments: [].into(),
        refs: [].into(),
    };
    leaf.to_bytes().unwrap()
}

fn root_of(leaves: &[Vec<u8>]) -> Hash {
    let mut tree = CompactTree::new();
    for leaf in leaves {
        tree.append(leaf_hash(leaf));
    }
    tree.root()
}

fn signed(size: u64, root: Hash) -> String {
    Checkpoint { size, root }.sign(&key()).unwrap()
}

fn head_of(leaves: &[Vec<u8>]) -> String {
    signed(leaves.len() as u64, root_of(leaves))
}

fn push(verifier: &mut Verifier, index: u64, leaf: &[u8]) -> Result<(), Fault> {
    verifier.push(Entry {
        index,
        leaf,
        stored_hash: leaf_hash(leaf),
    })
}

fn leaves(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(leaf).collect()
}

#[test]
fn an_empty_log_is_intact_with_or_without_its_checkpoint() {
    assert!(verifier().finish().is_intact());
    let mut with = verifier();
    with.checkpoint(&signed(0, empty_root())).unwrap();
    let report = with.finish();
    assert!(report.is_intact());
    assert_eq!(report.root, empty_root());
    let mut wrong = verifier();
    let fault = Fault::RootMismatch { since: 0, size: 0 };
    assert_eq!(
        wrong.checkpoint(&signed(0, Hash::from_bytes([1; 32]))),
        Err(fault)
    );
}

#[test]
fn entries_without_a_checkpoint_prove_nothing() {
    let mut verifier = verifier();
    push(&mut verifier, 0, &leaf(0)).unwrap();
    let report = verifier.finish();
    assert_eq!(report.faults, [Fault::NoCheckpoint]);
    assert_eq!(report.unsigned(), Some(0..1));
}

#[test]
fn a_tail_that_nobody_signed_is_no_fault_but_not_intact_either() {
    let leaves = leaves(5);
    let mut verifier = verifier();
    verifier.checkpoint(&head_of(&leaves[..3])).unwrap();
    for (index, leaf) in (0..).zip(&leaves) {
        push(&mut verifier, index, leaf).unwrap();
    }
    let report = verifier.finish();
    assert!(report.faults.is_empty() && !report.is_intact());
    assert_eq!(report.unsigned(), Some(3..5));
}

#[test]
fn a_checkpoint_may_come_just_before_or_after_its_last_entry_but_not_later() {
    let leaves = leaves(4);
    let mut verifier = verifier();
    push(&mut verifier, 0, &leaves[0]).unwrap();
    verifier.checkpoint(&head_of(&leaves[..1])).unwrap();
    verifier.checkpoint(&head_of(&leaves[..2])).unwrap();
    for (index, leaf) in (1..).zip(&leaves[1..]) {
        push(&mut verifier, index, leaf).unwrap();
    }
    assert_eq!(
        verifier.checkpoint(&head_of(&leaves[..3])),
        Err(Fault::LateCheckpoint { size: 3 })
    );
    verifier.checkpoint(&head_of(&leaves[..2])).unwrap();
    verifier.checkpoint(&head_of(&leaves)).unwrap();
    assert_eq!(verifier.finish().signed_size, 4);
}

#[test]
fn two_histories_of_one_size_are_a_fork() {
    let leaves = leaves(2);
    let mut verifier = verifier();
    verifier.checkpoint(&head_of(&leaves)).unwrap();
    verifier.checkpoint(&head_of(&leaves)).unwrap();
    let other = signed(2, Hash::from_bytes([1; 32]));
    assert_eq!(verifier.checkpoint(&other), Err(Fault::Fork { size: 2 }));
    for (index, leaf) in (0..).zip(&leaves) {
        push(&mut verifier, index, leaf).unwrap();
    }
    let report = verifier.finish();
    assert_eq!(report.faults, [Fault::Fork { size: 2 }]);
    assert_eq!(report.signed_size, 2);
}

#[test]
fn bad_checkpoints_are_named_by_their_place_and_prove_nothing() {
    let leaves = leaves(1);
    let stranger = SigningKey::from_seed("test.example/log", &[1; 32]).unwrap();
    let head = Checkpoint {
        size: 1,
        root: root_of(&leaves),
    };
    let mut verifier = verifier();
    let bad = Err(Fault::BadSignature { ordinal: 0 });
    assert_eq!(verifier.checkpoint(&head.sign(&stranger).unwrap()), bad);
    let bad = Err(Fault::BadSignature { ordinal: 1 });
    assert_eq!(
        verifier.checkpoint(&head.sign(&key()).unwrap().replacen("1\n", "2\n", 1)),
        bad
    );
    assert_eq!(
        verifier.checkpoint("not a note"),
        Err(Fault::MalformedCheckpoint { ordinal: 2 })
    );
    let body = head
        .sign(&key())
        .unwrap()
        .split_once("\n\n")
        .unwrap()
        .0
        .replacen("test", "other", 1);
    let mut foreign = signed_note::Note::new(format!("{body}\n").as_bytes(), &[]).unwrap();
    foreign.add_sigs(&[&key()]).unwrap();
    let foreign = String::from_utf8(foreign.to_bytes()).unwrap();
    assert_eq!(
        verifier.checkpoint(&foreign),
        Err(Fault::ForeignCheckpoint { ordinal: 3 })
    );
    push(&mut verifier, 0, &leaves[0]).unwrap();
    let report = verifier.finish();
    assert_eq!(report.signed_size, 0);
    assert_eq!(report.faults.last(), Some(&Fault::NoCheckpoint));
}

#[test]
fn what_was_signed_but_is_no_leaf_is_named() {
    let newer = br#"{"version":9}"#.to_vec();
    let leaves = [leaf(0), b"{}".to_vec(), newer];
    let mut verifier = verifier();
    verifier.checkpoint(&head_of(&leaves)).unwrap();
    push(&mut verifier, 0, &leaves[0]).unwrap();
    assert_eq!(
        push(&mut verifier, 1, &leaves[1]),
        Err(Fault::NotCanonical { index: 1 })
    );
    let unknown = Fault::UnknownVersion { index: 2, version: 9 };
    assert_eq!(push(&mut verifier, 2, &leaves[2]), Err(unknown));
    let report = verifier.finish();
    assert_eq!((report.faults.len(), report.signed_size), (2, 3));
}

#[test]
fn several_faults_are_all_in_the_report() {
    let leaves = leaves(10);
    let mut verifier = verifier();
    verifier.checkpoint(&head_of(&leaves[..4])).unwrap();
    verifier.checkpoint(&head_of(&leaves)).unwrap();
    let mut changed = leaves[1].clone();
    changed[5] ^= 1;
    let entry = Entry {
        index: 1,
        leaf: &changed,
        stored_hash: leaf_hash(&leaves[1]),
    };
    push(&mut verifier, 0, &leaves[0]).unwrap();
    assert_eq!(verifier.push(entry), Err(Fault::Changed { index: 1 }));
    push(&mut verifier, 2, &leaves[2]).unwrap();
    assert_eq!(
        push(&mut verifier, 2, &leaves[2]),
        Err(Fault::Duplicated { index: 2 })
    );
    push(&mut verifier, 3, &leaves[3]).unwrap();
    push(&mut verifier, 6, &leaves[6]).unwrap();
    push(&mut verifier, 7, &leaves[7]).unwrap();
    let report = verifier.finish();
    assert_eq!(
        report.faults,
        [
            Fault::Changed { index: 1 },
            Fault::Duplicated { index: 2 },
            Fault::Missing { first: 4, last: 5 },
            Fault::CutOff {
                expected: 10,
                found: 8
            },
        ]
    );
    assert_eq!((report.entries, report.size, report.signed_size), (7, 4, 4));
    assert_eq!(report.root, root_of(&leaves[..4]));
}

#[test]
fn bytes_changed_here_and_a_stored_hash_there_leave_a_range() {
    let leaves = leaves(2);
    let mut verifier = verifier();
    verifier.checkpoint(&head_of(&leaves)).unwrap();
    let other = leaf(7);
    let _ = verifier.push(Entry {
        index: 0,
        leaf: &other,
        stored_hash: leaf_hash(&leaves[0]),
    });
    let _ = verifier.push(Entry {
        index: 1,
        leaf: &leaves[1],
        stored_hash: leaf_hash(&other),
    });
    assert_eq!(
        verifier.finish().faults,
        [
            Fault::Changed { index: 0 },
            Fault::Changed { index: 1 },
            Fault::RootMismatch { since: 0, size: 2 }
        ]
    );
}

#[test]
fn waiting_for_a_missing_entry_has_a_limit_and_later_faults_are_still_found() {
    const LIMIT: u64 = 1 << 16;
    let bytes = leaf(0);
    let mut verifier = verifier();
    for index in 1..=LIMIT {
        push(&mut verifier, index, &bytes).unwrap();
    }
    assert_eq!(
        push(&mut verifier, LIMIT + 1, &bytes),
        Err(Fault::Missing { first: 0, last: 0 })
    );
    push(&mut verifier, LIMIT + 2, &bytes).unwrap();
    let entry = Entry {
        index: LIMIT + 3,
        leaf: &bytes,
        stored_hash: Hash::from_bytes([0; 32]),
    };
    assert_eq!(verifier.push(entry), Err(Fault::Changed { index: LIMIT + 3 }));
    assert_eq!(
        push(&mut verifier, 5, &bytes),
        Err(Fault::Duplicated { index: 5 })
    );
    let late = Fault::Reordered {
        index: 0,
        after: LIMIT + 3,
    };
    assert_eq!(push(&mut verifier, 0, &bytes), Err(late));
    assert_eq!(verifier.finish().size, 0);
}

#[test]
fn the_highest_index_there_is_does_not_overflow() {
    let mut verifier = verifier();
    push(&mut verifier, u64::MAX, &leaf(0)).unwrap();
    let report = verifier.finish();
    assert_eq!(
        report.faults[0],
        Fault::Missing {
            first: 0,
            last: u64::MAX - 1
        }
    );
    assert!(!report.is_intact());
}

#[test]
fn a_fault_speaks_plainly_and_has_a_json_form() {
    let fault = Fault::RootMismatch { since: 4, size: 9 };
    assert_eq!(fault.indexes(), Some(4..9));
    assert_eq!(
        fault.to_string(),
        "the entries do not lead to the signed root for size 9: at least one from 4 on was changed together with its \
         stored hash, taken out, put in or moved"
    );
    assert_eq!(
        serde_json::to_string(&fault).unwrap(),
        r#"{"fault":"root_mismatch","since":4,"size":9}"#
    );
}
