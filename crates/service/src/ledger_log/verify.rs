//! Verifies the whole ledger in the database: every entry, every checkpoint, every record, as of one moment.

use super::RecordFault;
use super::records::{Comparison, Wanted};
use ledger::{Entry, Fault, Hash, HashError, Verifier, VerifierKey};
use serde::Serialize;
use std::collections::HashSet;
use store::{Store, StoreError};

/// How many entries are read at a time.
const PAGE: i64 = 2_000;

/// What the walk found.
#[derive(Debug, Clone, Serialize)]
pub struct LedgerReport {
    /// How many entries there are.
    pub entries: u64,
    /// Up to which size a signed root vouches for them.
    pub signed_size: u64,
    /// How many entries wait to be placed.
    pub pending: u64,
    /// How many entries vouch for decisions.
    pub decisions: u64,
    /// How many entries vouch for events.
    pub events: u64,
    /// All that is wrong, the lowest index first; what has no index last.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
pub enum Finding {
    /// The log is not as it was signed.
    #[error(transparent)]
    Log(Fault),
    /// A record is not as the log says.
    #[error(transparent)]
    Record(RecordFault),
    /// The head row and the entries differ.
    #[error("the head says that there are {head} entries, but there are {found}")]
    Head {
        /// What the head row says.
        head: u64,
        /// What is there.
        found: u64,
    },
}

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database.
    #[error("the database did not answer")]
    Store(#[from] StoreError),
}

impl LedgerReport {
    /// Whether all is as it was signed and recorded. Entries of the last second that are not signed yet are no fault.
    pub fn is_intact(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Finding {
    /// The first index that can be at fault.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Log(fault) => fault.indexes().map(|range| range.start),
            Self::Record(fault) => fault.index(),
            Self::Head { head, found } => Some(*head.min(found)),
        }
    }
}

/// Walks over everything once. `seen` are signed heads from elsewhere, such as this node's own note: what they cover and
/// the database no longer has was cut off.
pub async fn verify_ledger(
    store: &Store,
    key: &VerifierKey,
    seen: &[String],
) -> Result<LedgerReport, VerifyError> {
    let mut tx = store::ledger_log::begin_verification(store).await?;
    let mut verifier = Verifier::new(key.clone());
    for note in store::ledger_log::checkpoints(&mut *tx).await?.iter().chain(seen) {
        // A bad checkpoint is a fault in the report; the walk goes on.
        let _ = verifier.checkpoint(note);
    }
    let mut comparison = Comparison::default();
    let mut unreadable = Vec::new();
    let mut after = -1;
    loop {
        let rows = store::ledger_log::leaves(&mut *tx, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.index;
        for row in &rows {
            let index = u64::try_from(row.index).unwrap_or(u64::MAX);
            match Hash::try_from(row.hash.as_slice()) {
                Ok(stored_hash) => {
                    let _ = verifier.push(Entry {
                        index,
                        leaf: &row.bytes,
                        stored_hash,
                    });
                }
                Err(HashError) => unreadable.push(Finding::Log(Fault::Changed { index })),
            }
        }
        let wanted = Wanted::of(&rows);
        let ids: Vec<_> = wanted.decisions.iter().map(|(_, id, ..)| id.uuid()).collect();
        comparison.decisions(&wanted, store::ledger_log::decision_parts(&mut tx, &ids).await?);
        let ids: Vec<_> = wanted.events.iter().map(|(_, id, ..)| id.uuid()).collect();
        comparison.events(&wanted, store::ledger_log::event_parts(&mut tx, &ids).await?);
    }
    let pending: HashSet<Vec<u8>> = store::ledger_log::pending_hashes(&mut *tx)
        .await?
        .iter()
        .flat_map(|hashes| hashes.chunks(32).map(<[u8]>::to_vec))
        .collect();
    let unlogged = |(id, hash): (String, Vec<u8>)| {
        (!pending.contains(&hash)).then_some(Finding::Record(RecordFault::Unlogged { id }))
    };
    let decisions = store::ledger_log::unplaced_decisions(&mut tx).await?;
    let events = store::ledger_log::unplaced_events(&mut tx).await?;
    let unplaced = decisions
        .into_iter()
        .map(|(id, hash)| (id.to_string(), hash))
        .chain(events.into_iter().map(|(id, hash)| (id.to_string(), hash)));
    let head = store::ledger_log::head(&mut *tx).await?;
    let walked = verifier.finish();
    let found = u64::try_from(head.size).unwrap_or(0);

    let mut findings = unreadable;
    findings.extend(walked.faults.into_iter().map(Finding::Log));
    findings.extend(comparison.faults.into_iter().map(Finding::Record));
    findings.extend(unplaced.filter_map(unlogged));
    if found != walked.entries {
        findings.push(Finding::Head {
            head: found,
            found: walked.entries,
        });
    }
    findings.sort_by_key(|finding| finding.index().unwrap_or(u64::MAX));
    Ok(LedgerReport {
        entries: walked.entries,
        signed_size: walked.signed_size,
        pending: u64::try_from(pending.len()).unwrap_or(u64::MAX),
        decisions: comparison.decisions,
        events: comparison.events,
        findings,
    })
}
