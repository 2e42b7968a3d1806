//! Whether every entry of the log has its record and every record its entry.

use crate::decisions::Record;
use domain::id::{DecisionId, EventId};
use ledger::{Leaf, Salt};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use store::ledger_log::{DecisionPart, EventPart, LeafRow};

/// One thing about records that is not as the log says. Its text is for an auditor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum RecordFault {
    /// The log vouches for something that is not there.
    #[error("entry {index} vouches for {id}, which is not stored")]
    Missing {
        /// The entry.
        index: u64,
        /// What it vouches for.
        id: String,
    },
    /// The record is not what the log vouches for.
    #[error("{id} is not what entry {index} vouches for: its {what} was changed")]
    Changed {
        /// The entry.
        index: u64,
        /// Whose.
        id: String,
        /// Which part.
        what: &'static str,
    },
    /// Two entries vouch for the same record.
    #[error("entry {index} vouches for {id} once more")]
    Repeated {
        /// The second entry.
        index: u64,
        /// For what.
        id: String,
    },
    /// Nothing in the log vouches for it.
    #[error("{id} is stored, but no entry vouches for it")]
    Unlogged {
        /// What.
        id: String,
    },
}

impl RecordFault {
    /// The entry, where there is one.
    pub const fn index(&self) -> Option<u64> {
        match self {
            Self::Missing { index, .. } | Self::Changed { index, .. } | Self::Repeated { index, .. } => {
                Some(*index)
            }
            Self::Unlogged { .. } => None,
        }
    }
}

/// What a page of leaves vouches for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) decisions: Vec<(u64, DecisionId, Leaf, Vec<u8>)>,
    pub(super) events: Vec<(u64, EventId, Leaf, Vec<u8>)>,
}

impl Wanted {
    /// Sorts leaves by what they vouch for. What is no leaf is the log's fault, named elsewhere.
    pub(super) fn of(rows: &[LeafRow]) -> Self {
        let mut wanted = Self::default();
        for row in rows {
            let (Ok(leaf), Ok(index)) = (Leaf::from_bytes(&row.bytes), u64::try_from(row.index)) else {
                continue;
            };
            if let Ok(id) = leaf.id.parse::<DecisionId>() {
                wanted.decisions.push((index, id, leaf, row.hash.clone()));
            } else if let Ok(id) = leaf.id.parse::<EventId>() {
                wanted.events.push((index, id, leaf, row.hash.clone()));
            }
        }
        wanted
    }
}

/// Compares pages of leaves with the records that they vouch for.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) faults: Vec<RecordFault>,
    pub(super) decisions: u64,
    pub(super) events: u64,
    seen: HashSet<uuid::Uuid>,
}

impl Comparison {
    pub(super) fn decisions(&mut self, wanted: &Wanted, stored: Vec<DecisionPart>) {
        let stored: BTreeMap<DecisionId, DecisionPart> =
            stored.into_iter().map(|part| (part.id, part)).collect();
        for (index, id, leaf, hash) in &wanted.decisions {
            self.decisions += 1;
            let (index, name) = (*index, id.to_string());
            if !self.seen.insert(id.uuid()) {
                self.faults.push(RecordFault::Repeated { index, id: name });
                continue;
            }
            let Some(part) = stored.get(id) else {
                self.faults.push(RecordFault::Missing { index, id: name });
                continue;
            };
            let changed = if part.leaf_hash != *hash {
                Some("leaf hash")
            } else if leaf.kind != crate::decisions::LEAF_KIND
                || !opens(leaf, crate::decisions::LEAF_PART, &part.salt, &part.record)
            {
                Some("record")
            } else if !columns_agree(part) {
                Some("columns")
            } else {
                None
            };
            self.faults.extend(changed.map(|what| RecordFault::Changed {
                index,
                id: name,
                what,
            }));
        }
    }

    pub(super) fn events(&mut self, wanted: &Wanted, stored: Vec<EventPart>) {
        let stored: BTreeMap<EventId, EventPart> = stored.into_iter().map(|part| (part.id, part)).collect();
        for (index, id, leaf, hash) in &wanted.events {
            self.events += 1;
            let (index, name) = (*index, id.to_string());
            if !self.seen.insert(id.uuid()) {
                self.faults.push(RecordFault::Repeated { index, id: name });
                continue;
            }
            let Some(part) = stored.get(id) else {
                self.faults.push(RecordFault::Missing { index, id: name });
                continue;
            };
            let changed = if part.leaf_hash != *hash {
                Some("leaf hash")
            } else if leaf.kind != part.kind {
                Some("kind")
            } else if !opens(leaf, "body", &part.salt, &part.body) {
                Some("body")
            } else {
                None
            };
            self.faults.extend(changed.map(|what| RecordFault::Changed {
                index,
                id: name,
                what,
            }));
        }
    }
}

fn opens(leaf: &Leaf, part: &str, salt: &[u8], bytes: &[u8]) -> bool {
    <[u8; 32]>::try_from(salt)
        .is_ok_and(|salt| ledger::open(leaf, part, &Salt::from_bytes(salt), bytes).is_ok())
}

/// Whether the columns that lists and filters read say what the record says.
fn columns_agree(part: &DecisionPart) -> bool {
    let Ok(record) = Record::from_bytes(&part.record) else {
        return false;
    };
    let decision = record.decision;
    let (input, evaluation) = (&decision.input, &decision.evaluation);
    let (answer, generation) = (evaluation.answer.to_string(), decision.generation.to_string());
    let expected = [
        input.principal.kind.as_str(),
        &input.principal.id,
        &input.resource.kind,
        &input.resource.id,
        input.capability.as_str(),
        evaluation.tier.as_str(),
        evaluation.base.as_str(),
        evaluation.effective.as_str(),
        &answer,
        &generation,
    ];
    decision.id == part.id && part.columns.iter().map(String::as_str).eq(expected)
}
