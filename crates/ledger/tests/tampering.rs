//! Every way to tamper with one entry of a log is found, and placed where it was done.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is a failed test"
)]

use std::collections::BTreeSet;

use chrono::DateTime;
use ledger::{Checkpoint, CompactTree, Entry, Fault, Hash, Leaf, Report, SigningKey, Verifier, leaf_hash};
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::Index;

/// A log as it is stored: rows with their indexes, and signed checkpoints.
#[derive(Debug, Clone)]
struct Log {
    rows: Vec<Row>,
    /// Sizes, ascending; the last is the size of the log.
    sizes: Vec<u64>,
    checkpoints: Vec<String>,
}

#[derive(Debug, Clone)]
struct Row {
    index: u64,
    leaf: Vec<u8>,
    hash: Hash,
}

fn key() -> SigningKey {
    SigningKey::from_seed("test.example/log", &[42; 32]).unwrap()
}

fn leaf(number: u64) -> Vec<u8> {
    let leaf = Leaf {
        kind: "decision".into(),
        id: format!("dec_{number:026}"),
        at: DateTime::from_timestamp_micros(1_772_366_400_000_000 + number as i64).unwrap(),
        request_id: None,
        policy_digest: None,
        commitments: [].into(),
        refs: [].into(),
    };
    leaf.to_bytes().unwrap()
}

impl Log {
    fn new(size: u64, signed: &BTreeSet<u64>) -> Self {
        let mut tree = CompactTree::new();
        let mut log = Self {
            rows: vec![],
            sizes: vec![],
            checkpoints: vec![],
        };
        for index in 0..size {
            let leaf = leaf(index);
            let hash = leaf_hash(&leaf);
            log.rows.push(Row { index, leaf, hash });
            tree.append(hash);
            if tree.size() == size || signed.contains(&tree.size()) {
                log.sizes.push(tree.size());
                let head = Checkpoint {
                    size: tree.size(),
                    root: tree.root(),
                };
                log.checkpoints.push(head.sign(&key()).unwrap());
            }
        }
        log
    }

    /// Gives every row the index of its place, as somebody would who covers up.
    fn renumber(&mut self) {
        for (index, row) in (0..).zip(&mut self.rows) {
            row.index = index;
        }
    }

    /// The indexes between the checkpoints around an entry.
    fn block_of(&self, index: u64) -> std::ops::Range<u64> {
        let since = self
            .sizes
            .iter()
            .rev()
            .find(|size| **size <= index)
            .copied()
            .unwrap_or(0);
        let until = self
            .sizes
            .iter()
            .find(|size| **size > index)
            .copied()
            .unwrap_or(u64::MAX);
        since..until
    }

    fn verify(&self) -> Report {
        let mut verifier = Verifier::new(key().verifier_key().unwrap());
        for text in &self.checkpoints {
            verifier.checkpoint(text).unwrap();
        }
        for Row { index, leaf, hash } in &self.rows {
            // Each fault that is answered is in the report as well.
            let _ = verifier.push(Entry {
                index: *index,
                leaf,
                stored_hash: *hash,
            });
        }
        verifier.finish()
    }
}

fn log() -> impl Strategy<Value = Log> {
    (1u64..60).prop_flat_map(|size| btree_set(1..=size, 0..8).prop_map(move |signed| Log::new(size, &signed)))
}

/// That the log is not intact, and that the first fault lies within `place`.
fn found_within(report: &Report, place: std::ops::Range<u64>) -> Result<(), TestCaseError> {
    prop_assert!(!report.is_intact());
    let named = match report.faults.first() {
        Some(fault) => fault.indexes().unwrap(),
        None => report.unsigned().unwrap(),
    };
    prop_assert!(
        named.start >= place.start && named.end <= place.end,
        "{named:?} within {place:?}"
    );
    prop_assert!(named.start < named.end);
    Ok(())
}

/// The same for a log that agrees with itself; besides, nothing from the fault on passes as signed.
fn placed_within(report: &Report, block: std::ops::Range<u64>) -> Result<(), TestCaseError> {
    prop_assert_eq!(report.signed_size, block.start);
    found_within(report, block)
}

proptest! {
    #[test]
    fn an_untouched_log_is_intact(log in log()) {
        let report = log.verify();
        prop_assert!(report.is_intact(), "{report:?}");
        prop_assert_eq!(report.size, log.rows.len() as u64);
    }

    #[test]
    fn a_changed_byte_is_named_exactly_and_the_rest_still_verifies(
        log in log(), at in any::<Index>(), byte in any::<Index>(), xor in 1u8..,
    ) {
        let mut log = log;
        let at = at.index(log.rows.len());
        let byte = byte.index(log.rows[at].leaf.len());
        log.rows[at].leaf[byte] ^= xor;
        let report = log.verify();
        prop_assert_eq!(&report.faults, &[Fault::Changed { index: at as u64 }]);
        prop_assert_eq!(report.signed_size, log.rows.len() as u64);
    }

    #[test]
    fn a_changed_stored_hash_is_named_exactly_and_the_rest_still_verifies(
        log in log(), at in any::<Index>(), byte in 0usize..32, xor in 1u8..,
    ) {
        let mut log = log;
        let at = at.index(log.rows.len());
        let mut hash = *log.rows[at].hash.as_bytes();
        hash[byte] ^= xor;
        log.rows[at].hash = Hash::from_bytes(hash);
        let report = log.verify();
        prop_assert_eq!(&report.faults, &[Fault::Changed { index: at as u64 }]);
        prop_assert_eq!(report.signed_size, log.rows.len() as u64);
    }

    #[test]
    fn a_forged_leaf_with_its_own_hash_is_placed_between_checkpoints(log in log(), at in any::<Index>()) {
        let mut log = log;
        let at = at.index(log.rows.len());
        log.rows[at].leaf = leaf(1_000);
        log.rows[at].hash = leaf_hash(&log.rows[at].leaf);
        let block = log.block_of(at as u64);
        prop_assert_eq!(log.verify().faults, [Fault::RootMismatch { since: block.start, size: block.end }]);
    }

    #[test]
    fn a_dropped_entry_is_named_exactly(log in log(), at in any::<Index>()) {
        let mut log = log;
        let at = at.index(log.rows.len());
        log.rows.remove(at);
        let report = log.verify();
        let index = at as u64;
        let fault = if at == log.rows.len() {
            Fault::CutOff { expected: index + 1, found: index }
        } else {
            Fault::Missing { first: index, last: index }
        };
        prop_assert_eq!(&report.faults, &[fault]);
        found_within(&report, index..index + 1)?;
    }

    #[test]
    fn a_dropped_and_covered_up_entry_is_placed_between_checkpoints(log in log(), at in any::<Index>()) {
        let mut log = log;
        let at = at.index(log.rows.len());
        log.rows.remove(at);
        log.renumber();
        placed_within(&log.verify(), log.block_of(at as u64))?;
    }

    #[test]
    fn swapped_rows_are_named_and_the_rest_still_verifies(
        log in log(), one in any::<Index>(), other in any::<Index>(),
    ) {
        let mut log = log;
        let (one, other) = (one.index(log.rows.len()), other.index(log.rows.len()));
        prop_assume!(one != other);
        log.rows.swap(one, other);
        let report = log.verify();
        let first = one.min(other) as u64;
        let last = one.max(other) as u64;
        let others = report.faults.iter().filter(|fault| !matches!(fault, Fault::Reordered { .. })).count();
        prop_assert_eq!(others, 0);
        prop_assert!(report.faults.iter().any(|fault| fault.indexes() == Some(first..first + 1)));
        found_within(&report, first..last + 1)?;
        prop_assert_eq!(report.signed_size, log.rows.len() as u64);
    }

    #[test]
    fn swapped_contents_are_placed_between_checkpoints(log in log(), one in any::<Index>(), other in any::<Index>()) {
        let mut log = log;
        let (one, other) = (one.index(log.rows.len()), other.index(log.rows.len()));
        prop_assume!(one != other);
        log.rows.swap(one, other);
        log.renumber();
        placed_within(&log.verify(), log.block_of(one.min(other) as u64))?;
    }

    #[test]
    fn a_repeated_row_is_named_exactly_wherever_it_stands(log in log(), from in any::<Index>(), to in any::<Index>()) {
        let mut log = log;
        let from = from.index(log.rows.len());
        let copy = log.rows[from].clone();
        let to = from + 1 + to.index(log.rows.len() - from);
        log.rows.insert(to, copy);
        let report = log.verify();
        prop_assert_eq!(&report.faults, &[Fault::Duplicated { index: from as u64 }]);
        prop_assert_eq!(report.signed_size, log.rows.len() as u64 - 1);
    }

    #[test]
    fn a_repeated_and_covered_up_entry_is_placed_between_checkpoints(log in log(), at in any::<Index>()) {
        let mut log = log;
        let at = at.index(log.rows.len());
        log.rows.insert(at + 1, log.rows[at].clone());
        log.renumber();
        // The first foreign entry is the copy, one further on.
        placed_within(&log.verify(), log.block_of(at as u64 + 1))?;
    }

    #[test]
    fn a_cut_off_log_is_told_where_it_ends(log in log(), length in any::<Index>()) {
        let mut log = log;
        let (expected, found) = (log.rows.len() as u64, length.index(log.rows.len()));
        log.rows.truncate(found);
        let report = log.verify();
        let found = found as u64;
        prop_assert_eq!(&report.faults, &[Fault::CutOff { expected, found }]);
        prop_assert_eq!((report.entries, report.size), (found, found));
    }

    #[test]
    fn a_leaf_cut_short_is_named_exactly(log in log(), at in any::<Index>(), length in any::<Index>()) {
        let mut log = log;
        let at = at.index(log.rows.len());
        let leaf = &mut log.rows[at].leaf;
        leaf.truncate(length.index(leaf.len()));
        prop_assert_eq!(log.verify().faults, [Fault::Changed { index: at as u64 }]);
    }
}
