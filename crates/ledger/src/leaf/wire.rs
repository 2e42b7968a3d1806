//! Version 1 of the leaf's bytes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::{Leaf, LeafError, VERSION};
use crate::commitment::Commitment;
use crate::hash::Hash;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    /// Looked at before, by [`version`].
    #[serde(rename = "version")]
    _version: u64,
    kind: String,
    id: String,
    at: DateTimeText,
    request_id: Option<String>,
    policy_digest: Option<Hash>,
    commitments: BTreeMap<String, Commitment>,
    refs: BTreeSet<String>,
}

/// The members in the order of RFC 8785 section 3.2.3, which for these names is the alphabet's. Their values are in that
/// form already: `form::check` lets nothing through that would be escaped, and the only number is the version. So what
/// serde writes is canonical without being sorted again; `tests/properties.rs` compares it with the canonicalizer's.
#[derive(Serialize)]
struct Written<'a> {
    at: &'a DateTimeText,
    commitments: &'a BTreeMap<String, Commitment>,
    id: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_digest: Option<&'a Hash>,
    refs: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    version: u64,
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

/// The leaf must have passed `form::check`.
pub(super) fn write(leaf: &Leaf) -> Result<Vec<u8>, LeafError> {
    serde_json::to_vec(&Written {
        at: &DateTimeText(leaf.at),
        commitments: &leaf.commitments,
        id: &leaf.id,
        kind: &leaf.kind,
        policy_digest: leaf.policy_digest.as_ref(),
        refs: &leaf.refs,
        request_id: leaf.request_id.as_deref(),
        version: VERSION,
    })
    .map_err(LeafError::Malformed)
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
