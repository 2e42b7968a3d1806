//! The last signed head, on this node's own disk: a database that was set back to an older state does not know it.

use ledger::{Checkpoint, CheckpointError, VerifierKey};
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt as _;

/// The file.
#[derive(Debug, Clone)]
pub struct DiskHead(PathBuf);

/// Why the file says nothing.
#[derive(Debug, thiserror::Error)]
pub enum DiskHeadError {
    /// It cannot be read or written.
    #[error("cannot use the last signed head in {path}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// It is not a checkpoint of this log's key.
    #[error("{path} is no checkpoint of this log", path = .path.display())]
    Foreign {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: CheckpointError,
    },
}

impl DiskHead {
    /// The head in this file.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Its text; none before anything was signed.
    pub fn text(&self) -> Result<Option<String>, DiskHeadError> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// The head, if it is one of this key.
    pub fn read(&self, key: &VerifierKey) -> Result<Option<Checkpoint>, DiskHeadError> {
        self.text()?
            .map(|text| {
                Checkpoint::open(&text, key).map_err(|source| DiskHeadError::Foreign {
                    path: self.0.clone(),
                    source,
                })
            })
            .transpose()
    }

    /// Replaces it: whole on disk before the old one is gone. The disk may take long, so no task waits for it on a thread
    /// that decisions need.
    pub async fn write(&self, text: &str) -> Result<(), DiskHeadError> {
        let beside = self.0.with_extension("new");
        let written = async {
            let mut file = tokio::fs::File::create(&beside).await?;
            file.write_all(text.as_bytes()).await?;
            file.sync_all().await?;
            tokio::fs::rename(&beside, &self.0).await
        };
        written.await.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: std::io::Error) -> DiskHeadError {
        DiskHeadError::File {
            path: self.0.clone(),
            source,
        }
    }
}
