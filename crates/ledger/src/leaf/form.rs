//! The forms that a leaf's fields may have: what keeps names, addresses and free text out.

use chrono::{Datelike, Timelike};

use super::{Leaf, LeafError};

const MAX_WORD_BYTES: usize = 32;
const ID_PREFIX_BYTES: std::ops::RangeInclusive<usize> = 2..=8;
const ID_BODY_BYTES: usize = 26;
/// 128 bits in 26 characters of five: the first carries only three.
const ID_FIRST: &[u8] = b"01234567";
const CROCKFORD: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";

pub(super) fn check(leaf: &Leaf) -> Result<(), LeafError> {
    if !is_kind(&leaf.kind) {
        return Err(LeafError::Kind);
    }
    if !is_id(&leaf.id) {
        return Err(LeafError::Id { field: "id" });
    }
    if !leaf.request_id.iter().all(|id| is_id(id)) {
        return Err(LeafError::Id { field: "request_id" });
    }
    if !leaf.refs.iter().all(|id| is_id(id)) {
        return Err(LeafError::Id { field: "refs" });
    }
    if !leaf.commitments.keys().all(|name| is_word(name)) {
        return Err(LeafError::PartName);
    }
    // A leap second is a sub-second part of more than a second, and Postgres cannot hold one.
    let nanos = leaf.at.nanosecond();
    if !nanos.is_multiple_of(1_000) || nanos >= 1_000_000_000 || !(1..=9999).contains(&leaf.at.year()) {
        return Err(LeafError::Instant);
    }
    Ok(())
}

fn is_kind(text: &str) -> bool {
    match text.split_once('.') {
        Some((aggregate, verb)) => is_word(aggregate) && is_word(verb),
        None => is_word(text),
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= MAX_WORD_BYTES
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_id(text: &str) -> bool {
    let Some((prefix, body)) = text.split_once('_') else {
        return false;
    };
    ID_PREFIX_BYTES.contains(&prefix.len())
        && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
        && body.len() == ID_BODY_BYTES
        && body.bytes().take(1).all(|byte| ID_FIRST.contains(&byte))
        && body.bytes().all(|byte| CROCKFORD.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_random_ids_are_ids() {
        assert!(is_id("dec_01j9zq4x8m7v2k5t3n6p0r1w9y"));
        for text in [
            "",
            "dec_",
            "_01j9zq4x8m7v2k5t3n6p0r1w9y",
            "dec_91j9zq4x8m7v2k5t3n6p0r1w9y",
            "dec_01J9ZQ4X8M7V2K5T3N6P0R1W9Y",
            "dec_01j9zq4x8m7v2k5t3n6p0r1w9",
            "dec_01j9zq4x8m7v2k5t3n6p0r1w9i",
            "somebody@example.com",
            "per_jane.doe",
            "4b6f2a1e-0000-7000-8000-000000000000",
        ] {
            assert!(!is_id(text), "{text}");
        }
    }

    #[test]
    fn a_kind_is_one_or_two_words() {
        assert!(is_kind("decision") && is_kind("opt_out.approved") && is_kind("policy_version.published2"));
        for text in [
            "",
            ".",
            "a.",
            ".b",
            "a.b.c",
            "Decision",
            "opt-out.approved",
            "opt out",
            "1a",
            "a.é",
        ] {
            assert!(!is_kind(text), "{text}");
        }
        assert!(!is_kind(&"a".repeat(MAX_WORD_BYTES + 1)));
    }
}
