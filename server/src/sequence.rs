//! Starts the ledger's sequencer on a node.

use std::path::Path;
use std::sync::Arc;

use ledger::VerifierKey;
use service::ledger_log::{DiskHead, KeyFileError, Sequencer, open_or_make};
use store::Store;
use url::Url;

use crate::node::Node;
use crate::readiness::Readiness;
use crate::verify::disk_head_path;

/// Why the ledger cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SequenceStartError {
    /// The key file.
    #[error("no key to sign the ledger with")]
    KeyFile(#[from] KeyFileError),
    /// The key.
    #[error("the key to sign the ledger with will not do")]
    Key(#[from] ledger::KeyError),
}

/// Reads the key, or makes it at the first start, and places and signs entries until the node stops. Answers the public
/// half of the key: what auditors verify with.
pub fn start(
    node: &Node,
    data: &Path,
    key_file: &Path,
    public_url: &Url,
    readiness: &Readiness,
) -> Result<VerifierKey, SequenceStartError> {
    let key = open_or_make(key_file, &origin(public_url), node.ids.as_ref())?;
    let disk = DiskHead::at(disk_head_path(data));
    let sequencer = Sequencer::new(Store::new(node.pool.clone()), Arc::clone(&node.clock), key, disk)?;
    let verifier = sequencer.verifier_key().clone();
    tracing::info!(key = %verifier, "the ledger is signed with this key");
    readiness.watch_ledger(sequencer.fault());
    node.work("ledger", sequencer.run(node.stop.clone()));
    Ok(verifier)
}

/// The name of a new log: a URL without scheme (C2SP `tlog-checkpoint`).
fn origin(public_url: &Url) -> String {
    let host = public_url.host_str().unwrap_or("localhost");
    match public_url.port() {
        Some(port) => format!("{host}:{port}/ledger"),
        None => format!("{host}/ledger"),
    }
}
