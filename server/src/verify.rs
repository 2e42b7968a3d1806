//! `spillway verify`: reads the whole ledger and says whether it is as it was signed.

use std::path::{Path, PathBuf};

use ledger::VerifierKey;
use service::ledger_log::{DiskHead, DiskHeadError, KeyFileError, LedgerReport, VerifyError, verify_ledger};
use store::Store;

/// The most findings that are printed.
const MOST_PRINTED: usize = 20;

/// Where the log's key comes from, and what else is known of its head.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The log's public key. Without it the node's own key file says which.
    pub verifier_key: Option<VerifierKey>,
    /// The node's key file.
    pub key_file: PathBuf,
    /// The node's note of the last signed head.
    pub disk_head: PathBuf,
}

/// Why nothing was verified.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The key.
    #[error("no key to verify with")]
    Key(#[from] KeyFileError),
    /// The public half of the key.
    #[error("no key to verify with")]
    VerifierKey(#[from] ledger::KeyError),
    /// The node's note.
    #[error("this node's note of the last signed head cannot be read")]
    DiskHead(#[from] DiskHeadError),
    /// The walk.
    #[error("the ledger could not be read")]
    Verify(#[from] VerifyError),
}

impl Trust {
    /// What a node with this data folder and key file trusts.
    pub fn of_node(data: &Path, key_file: PathBuf) -> Self {
        Self {
            verifier_key: None,
            key_file,
            disk_head: disk_head_path(data),
        }
    }
}

/// Where a node notes the last signed head.
pub fn disk_head_path(data: &Path) -> PathBuf {
    data.join("ledger-head")
}

/// Walks over everything.
pub async fn verify(store: &Store, trust: &Trust) -> Result<LedgerReport, CheckError> {
    let key = match &trust.verifier_key {
        Some(key) => key.clone(),
        None => service::ledger_log::read(&trust.key_file)?.verifier_key()?,
    };
    let seen = DiskHead::at(trust.disk_head.clone()).text()?;
    Ok(verify_ledger(store, &key, seen.as_slice()).await?)
}

/// The report in words; the first line says whether all is well.
pub fn words(report: &LedgerReport) -> String {
    let verdict = match report.findings.first() {
        None => "The ledger is intact.".to_owned(),
        Some(first) => match first.index() {
            Some(index) => format!("The ledger is NOT intact. The first fault is at entry {index}."),
            None => "The ledger is NOT intact.".to_owned(),
        },
    };
    let mut lines = vec![
        verdict,
        format!(
            "{} entries, {} of them under a signed head, {} waiting to be placed; {} vouch for decisions, {} for events.",
            report.entries, report.signed_size, report.pending, report.decisions, report.events
        ),
    ];
    lines.extend(
        report
            .findings
            .iter()
            .take(MOST_PRINTED)
            .map(|finding| format!("- {finding}")),
    );
    let more = report.findings.len().saturating_sub(MOST_PRINTED);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    lines.join("\n")
}
