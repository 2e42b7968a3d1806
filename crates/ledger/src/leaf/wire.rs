//! Version 1 of the leaf's bytes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::{Leaf, LeafError, VERSION};
use crate::commitment::Commitment;
use crate::hash::Hash;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u64,
    kind: String,
    id: String,
    at: DateTimeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_digest: Option<Hash>,
    commitments: BTreeMap<String, Commitment>,
    refs: BTreeSet<String>,
}

/// RFC 3339 in UTC with exactly six decimals. Chrono's own form drops trailing zeros, so one instant would not have
/// one length, and its choice would be part of our format.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct DateTimeText(DateTime<Utc>);

impl TryFrom<String> for DateTimeText {
    type Error = chrono::ParseError;
    fn try_from(text: String) -> Result<Self, chrono::ParseError> {
        DateTime::parse_from_rfc3339(&text).map(|at| Self(at.to_utc()))
    }
}

impl From<DateTimeText> for String {
    fn from(at: DateTimeText) -> String {
        at.0.to_rfc3339_opts(SecondsFormat::Micros, true)
    }
}

/// The version alone, so that bytes of another one are told apart from broken bytes.
pub(super) fn version(bytes: &[u8]) -> Result<u64, LeafError> {
    #[derive(Deserialize)]
    struct VersionOnly {
        version: u64,
    }
    serde_json::from_slice(bytes)
        .map(|only: VersionOnly| only.version)
        .map_err(LeafError::Malformed)
}

pub(super) fn write(leaf: &Leaf) -> Result<Vec<u8>, LeafError> {
    let wire = Wire {
        version: VERSION,
        kind: leaf.kind.clone(),
        id: leaf.id.clone(),
        at: DateTimeText(leaf.at),
        request_id: leaf.request_id.clone(),
        policy_digest: leaf.policy_digest,
        commitments: leaf.commitments.clone(),
        refs: leaf.refs.clone(),
    };
    serde_json_canonicalizer::to_vec(&wire).map_err(LeafError::Malformed)
}

/// Lenient about order, spacing and repetition: the caller compares with what would have been written.
pub(super) fn read(bytes: &[u8]) -> Result<Leaf, LeafError> {
    let wire: Wire = serde_json::from_slice(bytes).map_err(LeafError::Malformed)?;
    Ok(Leaf {
        kind: wire.kind,
        id: wire.id,
        at: wire.at.0,
        request_id: wire.request_id,
        policy_digest: wire.policy_digest,
        commitments: wire.commitments,
        refs: wire.refs,
    })
}
