//! Reading what others wrote: leaves, frontiers, keys and checkpoints are taken in one form or refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is a failed test"
)]

use chrono::{DateTime, TimeDelta};
use ledger::{
    Checkpoint, CheckpointError, Commitment, CompactTree, Hash, KeyError, Leaf, LeafError, OpenError, Salt,
    SigningKey, VerifierKey, open,
};

fn leaf() -> Leaf {
    let salt = Salt::from_bytes([1; 32]);
    Leaf {
        kind: "opt_out.approved".into(),
        id: "evt_01j9zq4x8m7v2k5t3n6p0r1w9y".into(),
        at: DateTime::from_timestamp_micros(1_772_366_400_000_001).unwrap(),
        request_id: None,
        policy_digest: None,
        commitments: [("reason".to_owned(), Commitment::new(&salt, b"because"))].into(),
        refs: ["opt_01j9zq4x8m7v2k5t3n6p0r1wa1".to_owned()].into(),
    }
}

fn refused(change: impl FnOnce(&mut Leaf)) -> LeafError {
    let mut leaf = leaf();
    change(&mut leaf);
    leaf.to_bytes().unwrap_err()
}

#[test]
fn what_could_be_a_name_is_refused_in_every_field() {
    let name = || "Jane Doe".to_owned();
    assert!(matches!(refused(|leaf| leaf.kind = name()), LeafError::Kind));
    assert!(matches!(
        refused(|leaf| leaf.id = name()),
        LeafError::Id { field: "id" }
    ));
    assert!(matches!(
        refused(|leaf| leaf.request_id = Some(name())),
        LeafError::Id { field: "request_id" }
    ));
    assert!(matches!(
        refused(|leaf| leaf.refs.extend([name()])),
        LeafError::Id { field: "refs" }
    ));
    let commitment = Commitment::from_hash(Hash::from_bytes([0; 32]));
    assert!(matches!(
        refused(|leaf| leaf.commitments.extend([(name(), commitment)])),
        LeafError::PartName
    ));
}

#[test]
fn an_instant_that_would_not_survive_is_refused() {
    assert!(matches!(
        refused(|leaf| leaf.at += TimeDelta::nanoseconds(1)),
        LeafError::Instant
    ));
    let leap = DateTime::from_timestamp(59, 1_500_000_000).unwrap();
    assert!(matches!(refused(|leaf| leaf.at = leap), LeafError::Instant));
    let year_10000 = DateTime::from_timestamp(253_402_300_800, 0).unwrap();
    assert!(matches!(refused(|leaf| leaf.at = year_10000), LeafError::Instant));
}

#[test]
fn a_leaf_over_the_limit_is_refused_both_ways() {
    let mut large = leaf();
    large.refs = (0..130u32).map(|n| format!("opt_{n:026}")).collect();
    let Err(LeafError::TooLarge { size_bytes }) = large.to_bytes() else {
        panic!("an oversized leaf was written");
    };
    assert!(size_bytes > 4096);
    assert!(matches!(
        Leaf::from_bytes(&[b' '; 4097]),
        Err(LeafError::TooLarge { size_bytes: 4097 })
    ));
    large
        .refs
        .retain(|id| id.as_str() < "opt_00000000000000000000000100");
    assert!(large.to_bytes().unwrap().len() <= 4096);
}

#[test]
fn other_bytes_of_the_same_content_are_refused() {
    let text = String::from_utf8(leaf().to_bytes().unwrap()).unwrap();
    assert_eq!(Leaf::from_bytes(text.as_bytes()).unwrap(), leaf());
    let not_canonical = [
        text.replace(":1}", ":1 }"),
        text.replace("\"refs\"", "\"\\u0072efs\""),
        text.replace(".000001Z", ".000001+00:00"),
        text.replace(".000001Z", ".0000010Z"),
        text.replace(",\"version\":1", "")
            .replacen('{', "{\"version\":1,", 1),
        text.replace("[\"opt_", "[\"opt_01j9zq4x8m7v2k5t3n6p0r1wa1\",\"opt_"),
        text.replace("\"version\"", "\"request_id\":null,\"version\""),
        format!("{text}\n"),
    ];
    for text in not_canonical {
        assert!(
            matches!(Leaf::from_bytes(text.as_bytes()), Err(LeafError::NotCanonical)),
            "{text}"
        );
    }
    let malformed = [
        text.replace("\"version\"", "\"note\":\"x\",\"version\""),
        text.replace("\"kind\"", "\"kind\":\"a\",\"kind\""),
        text.replace(",\"refs\":[\"opt_01j9zq4x8m7v2k5t3n6p0r1wa1\"]", ""),
        text.replace(":1}", ":\"1\"}"),
        text.replace(":1}", ":1.0}"),
        format!("{text}{text}"),
        String::new(),
    ];
    for text in malformed {
        assert!(
            matches!(Leaf::from_bytes(text.as_bytes()), Err(LeafError::Malformed(_))),
            "{text}"
        );
    }
    let newer = text.replace(":1}", ":2,\"zone\":\"x\"}");
    assert!(matches!(
        Leaf::from_bytes(newer.as_bytes()),
        Err(LeafError::UnknownVersion { found: 2 })
    ));
}

#[test]
fn a_part_opens_only_with_its_own_salt_name_and_bytes() {
    let (leaf, salt) = (leaf(), Salt::from_bytes([1; 32]));
    assert_eq!(open(&leaf, "reason", &salt, b"because"), Ok(()));
    assert_eq!(open(&leaf, "reason", &salt, b"Because"), Err(OpenError::Differs));
    assert_eq!(
        open(&leaf, "reason", &Salt::from_bytes([2; 32]), b"because"),
        Err(OpenError::Differs)
    );
    assert_eq!(
        open(&leaf, "input", &salt, b"because"),
        Err(OpenError::NoSuchPart)
    );
    assert_eq!(format!("{salt:?}"), "Salt(hidden)");
}

#[test]
fn a_frontier_of_another_size_is_refused() {
    let hash = Hash::from_bytes([3; 32]);
    assert!(CompactTree::from_parts(5, vec![hash; 2]).is_ok());
    assert!(CompactTree::from_parts(5, vec![hash; 3]).is_err());
    assert!(CompactTree::from_parts(u64::MAX, vec![]).is_err());
    assert!(serde_json::from_str::<CompactTree>(r#"{"size":1,"nodes":[]}"#).is_err());
}

#[test]
fn keys_have_one_spelling_and_hide_their_secret() {
    assert!(matches!(
        SigningKey::from_seed("a log", &[0; 32]),
        Err(KeyError::Name)
    ));
    assert!(matches!(SigningKey::from_seed("", &[0; 32]), Err(KeyError::Name)));
    let key = SigningKey::from_seed("a.example/log", &[9; 32]).unwrap();
    let text = key.verifier_key().unwrap().to_string();
    assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
    let parts: Vec<&str> = text.splitn(3, '+').collect();
    let upper = format!("{}+{}+{}", parts[0], parts[1].to_uppercase(), parts[2]);
    assert_ne!(upper, text);
    assert!(matches!(upper.parse::<VerifierKey>(), Err(KeyError::Spelling)));
    let renamed = text.replacen("a.", "b.", 1);
    assert!(matches!(
        renamed.parse::<VerifierKey>(),
        Err(KeyError::Malformed(_))
    ));
    assert_eq!(
        format!("{key:?}"),
        format!("SigningKey(a.example/log+{}, hidden)", parts[1])
    );
}

/// A note that the log's own key signed over any text at all.
fn signed(text: &str, key: &SigningKey) -> String {
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[key]).unwrap();
    String::from_utf8(note.to_bytes()).unwrap()
}

#[test]
fn a_checkpoint_is_refused_unless_it_is_this_logs_own() {
    let key = SigningKey::from_seed("a.example/log", &[9; 32]).unwrap();
    let verifier = key.verifier_key().unwrap();
    let other = SigningKey::from_seed("a.example/log", &[8; 32]).unwrap();
    let head = Checkpoint {
        size: 10,
        root: Hash::from_bytes([5; 32]),
    };
    let text = head.sign(&key).unwrap();
    let open = |text: &str| Checkpoint::open(text, &verifier);
    assert_eq!(open(&text).unwrap(), head);

    assert!(matches!(
        open(&head.sign(&other).unwrap()),
        Err(CheckpointError::Unsigned)
    ));
    assert!(matches!(
        open(&text.replacen("10", "11", 1)),
        Err(CheckpointError::BadSignature)
    ));
    assert!(matches!(open(""), Err(CheckpointError::Note(_))));
    let body = text.split("\n\n").next().unwrap();
    assert!(matches!(
        open(&format!("{body}\n")),
        Err(CheckpointError::Note(_))
    ));
    assert!(matches!(
        open(&signed(
            &format!("{body}\n").replacen("a.example", "b.example", 1),
            &key
        )),
        Err(CheckpointError::Origin)
    ));
    for bad in [
        format!("{body}\nan extension\n"),
        body.replacen("10", "010", 1) + "\n",
        body.replacen("10", "-1", 1) + "\n",
        body.replacen("BQU", "BQ", 1) + "\n",
        "a.example/log\n".to_owned(),
    ] {
        assert!(
            matches!(open(&signed(&bad, &key)), Err(CheckpointError::Body)),
            "{bad}"
        );
    }
}

#[test]
fn a_witness_may_sign_beside_the_log() {
    let key = SigningKey::from_seed("a.example/log", &[9; 32]).unwrap();
    let witness = SigningKey::from_seed("w.example/witness", &[7; 32]).unwrap();
    let head = Checkpoint {
        size: 0,
        root: ledger::tree::empty_root(),
    };
    let mut note = signed_note::Note::from_bytes(head.sign(&key).unwrap().as_bytes()).unwrap();
    note.add_sigs(&[&witness]).unwrap();
    let text = String::from_utf8(note.to_bytes()).unwrap();
    assert_eq!(
        Checkpoint::open(&text, &key.verifier_key().unwrap()).unwrap(),
        head
    );
    assert!(matches!(
        Checkpoint::open(
            &text,
            &SigningKey::from_seed("a.example/log", &[1; 32])
                .unwrap()
                .verifier_key()
                .unwrap()
        ),
        Err(CheckpointError::Unsigned)
    ));
}
