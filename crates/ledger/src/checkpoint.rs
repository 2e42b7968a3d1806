//! The signed head of the log: how many entries it has and the root of their tree, as a C2SP `tlog-checkpoint`
//! (origin, decimal size, base64 root, a line each) in a C2SP `signed-note` with an Ed25519 signature.
//!
//! ```text
//! spillway.example.com/ledger
//! 7
//! 3bib6EA+MldQ09Jjzniyn8KUK3lCo0t3EiyVlKdMjA==
//!
//! — spillway.example.com/ledger Az3grlgt…
//! ```

use signed_note::{Note, NoteError, VerifierList};

use crate::hash::Hash;
use crate::key::{SigningKey, VerifierKey};

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries the log has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a text is not a checkpoint of this log.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not a note: no blank line before the signatures, a control character, a broken signature line.
    #[error("the checkpoint is not a signed note")]
    Note(#[source] NoteError),
    /// Nobody signed it with this key; perhaps somebody did with another.
    #[error("the checkpoint carries no signature of this log's key")]
    Unsigned,
    /// The signature is not one over this text.
    #[error("the checkpoint's signature is wrong")]
    BadSignature,
    /// Signed, but not origin, size and root. Extension lines count as this too: our logs write none.
    #[error("the checkpoint's text is not an origin, a size and a root")]
    Body,
    /// Signed for another log with the same key.
    #[error("the checkpoint is one of another log")]
    Origin,
}

impl Checkpoint {
    /// The checkpoint's text, signed. The same head signed again by the same key gives the same text.
    pub fn sign(&self, key: &SigningKey) -> Result<String, CheckpointError> {
        let mut note = Note::new(&self.body(key.name())?, &[]).map_err(CheckpointError::Note)?;
        note.add_sigs(&[key]).map_err(CheckpointError::Note)?;
        String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::Body)
    }

    /// Reads a checkpoint whose signature by `key` holds. Other signatures, such as those of witnesses, may stand
    /// beside it and are not looked at.
    pub fn open(text: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let note = Note::from_bytes(text.as_bytes()).map_err(CheckpointError::Note)?;
        note.verify(&VerifierList::new(vec![Box::new(key.verifier())]))
            .map_err(|error| match error {
                NoteError::UnverifiedNote => CheckpointError::Unsigned,
                NoteError::InvalidSignature { .. } => CheckpointError::BadSignature,
                other => CheckpointError::Note(other),
            })?;
        let body = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Body)?;
        if body.origin() != key.name() {
            return Err(CheckpointError::Origin);
        }
        let checkpoint = Self {
            size: body.size(),
            root: (*body.hash()).into(),
        };
        if checkpoint.body(key.name())? != note.text() {
            return Err(CheckpointError::Body);
        }
        Ok(checkpoint)
    }

    /// The text that is signed.
    fn body(&self, origin: &str) -> Result<Vec<u8>, CheckpointError> {
        tlog_tiles::Checkpoint::new(origin, self.size, self.root.into(), "")
            .map(|body| body.to_bytes())
            .map_err(|_| CheckpointError::Body)
    }
}
