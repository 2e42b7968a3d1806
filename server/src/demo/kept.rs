//! What a demo keeps beside its database: the token that it shows, and the provider that its people sign in at. Written
//! last, so that its absence says that the demo was never filled to the end.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The file's name in the data folder.
pub const FILE: &str = "demo.json";

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The bearer token that the demo shows.
    pub token: String,
    /// The issuer that the sign-ins are linked to.
    pub issuer: String,
}

impl Kept {
    /// Reads it; none where the demo was not filled to the end.
    pub fn read(data: &Path) -> std::io::Result<Option<Self>> {
        match std::fs::read(data.join(FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it, for the owner of the process alone; whole or not at all.
    pub fn write(&self, data: &Path) -> std::io::Result<()> {
        let unfinished = data.join(format!("{FILE}.new"));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        std::fs::rename(unfinished, data.join(FILE))
    }
}
