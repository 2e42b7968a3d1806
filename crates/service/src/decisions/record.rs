//! The record of a decision: all that it was made from, and the ledger leaf that vouches for it.
//!
//! A record's bytes are JSON. They are stored and committed to as they were first written and never written again, so
//! they need no canonical form. The members of the request that were read are in them as the client sent them, byte for
//! byte and once, but with U+FFFD for half a character: what the evaluation took from them is read from there again.

mod sent;

use super::Asked;
use crate::ServiceError;
use crate::snapshot::Loaded;
use domain::decision::Decision;
use domain::digest::Digest;
use domain::id::{CorrelationId, GrantId};
use ledger::{Commitment, Hash, Leaf, Salt};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use store::decisions::NewDecision;

/// The version of the record's shape that is written. Version 1 repeated the request's context and properties in the input.
const VERSION: u32 = 2;
/// The part's name in the leaf.
pub(crate) const PART: &str = "record";
/// The leaf's kind.
pub(crate) const KIND: &str = "decision";
/// The most related ids in a leaf, which has at most 4 KiB. All of them are in the record.
const MOST_REFS: usize = 64;

static ENGINE: LazyLock<String> = LazyLock::new(policy::engine_versions);

/// A record as it is read.
#[derive(Debug, Deserialize)]
pub struct Record {
    /// The version of this shape.
    pub version: u32,
    /// The decision, with its input and its evaluation.
    pub decision: Decision,
    /// The members of the request that were read, as they came; in version 1 the whole message.
    pub request: Box<RawValue>,
    /// The versions of all entities that the evaluation may have read.
    pub entities: Vec<Digest>,
    /// The standing grants of the principal.
    pub grants: Vec<GrantId>,
    /// The versions of the Cedar engine and of the time zones.
    pub engine: String,
    /// The version of Spillway.
    pub spillway: String,
}

#[derive(Serialize)]
struct Writing<'a> {
    version: u32,
    /// Its input is without what `request` holds.
    decision: &'a Decision,
    /// The keys of `request.context` that the client was trusted for.
    asserted: Vec<&'a str>,
    request: &'a RawValue,
    entities: BTreeSet<&'a Digest>,
    grants: Vec<GrantId>,
    engine: &'a str,
    spillway: &'a str,
}

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not JSON of this shape.
    #[error("the record cannot be read")]
    Malformed(#[source] serde_json::Error),
    /// Written by a newer program.
    #[error("the record has version {found}, which this program does not know")]
    UnknownVersion {
        /// The version it has.
        found: u32,
    },
}

impl Record {
    /// Reads a record.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        #[derive(Deserialize)]
        struct Shape {
            version: u32,
            #[serde(default)]
            asserted: Vec<String>,
        }
        let Shape { version, asserted } = serde_json::from_slice(bytes).map_err(RecordError::Malformed)?;
        if !(1..=VERSION).contains(&version) {
            return Err(RecordError::UnknownVersion { found: version });
        }
        let mut record: Self = serde_json::from_slice(bytes).map_err(RecordError::Malformed)?;
        if version > 1 {
            let sent = sent::read(&record.request).map_err(RecordError::Malformed)?;
            let input = &mut record.decision.input;
            (input.asserted, input.evidence) =
                sent.split(|key| asserted.iter().any(|trusted| trusted == key));
        }
        Ok(record)
    }
}

/// Writes the record and the leaf that commits to it.
pub(super) fn seal(
    mut decision: Decision,
    asked: &Asked,
    loaded: &Loaded,
    correlation: CorrelationId,
    salt: [u8; 32],
) -> Result<NewDecision, ServiceError> {
    let entities = loaded.entities();
    let principal = entities.of_principal(&decision.input.principal).iter();
    let resource = entities.of_resource(&decision.input.resource).iter();
    let grants = loaded.grants_of(&decision.input.principal);
    // A temporary role is a resource too, and rules see its attributes through the principal's membership.
    let roles = grants
        .iter()
        .flat_map(|grant| entities.of_resource(&grant.resource));
    let (entities, grants) = (
        principal.chain(resource).chain(roles).collect(),
        grants.iter().map(|grant| grant.id).collect(),
    );
    let asserted = std::mem::take(&mut decision.input.asserted);
    let evidence = std::mem::take(&mut decision.input.evidence);
    let record = serde_json::to_vec(&Writing {
        version: VERSION,
        decision: &decision,
        asserted: asserted.keys().map(String::as_str).collect(),
        request: &asked.request,
        entities,
        grants,
        engine: &ENGINE,
        spillway: env!("CARGO_PKG_VERSION"),
    })
    .map_err(ServiceError::internal)?;
    (decision.input.asserted, decision.input.evidence) = (asserted, evidence);
    let leaf = leaf(&decision, correlation, &salt, &record)
        .to_bytes()
        .map_err(ServiceError::internal)?;
    let leaf_hash = *ledger::leaf_hash(&leaf).as_bytes();
    Ok(NewDecision {
        effects: policy::effects(&decision.evaluation),
        decision,
        salt,
        record,
        leaf,
        leaf_hash,
    })
}

fn leaf(decision: &Decision, correlation: CorrelationId, salt: &[u8; 32], record: &[u8]) -> Leaf {
    let opt_outs = decision
        .evaluation
        .applied
        .iter()
        .map(|applied| applied.opt_out.to_string());
    Leaf {
        kind: KIND.to_owned(),
        id: decision.id.to_string(),
        at: decision.at,
        request_id: Some(correlation.to_string()),
        policy_digest: Some(Hash::from_bytes(*decision.policy_digest.as_bytes())),
        commitments: BTreeMap::from([(PART.to_owned(), Commitment::new(&Salt::from_bytes(*salt), record))]),
        refs: decision
            .evaluation
            .grant
            .iter()
            .map(ToString::to_string)
            .chain(opt_outs)
            .take(MOST_REFS)
            .collect(),
    }
}
