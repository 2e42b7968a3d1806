//! The file with the key that signs checkpoints: the log's origin, a space, 32 bytes as hexadecimal digits. The origin
//! stands beside the seed because a key is one of a name: a log whose address changes keeps its name.

use crate::ids::Ids;
use ledger::{KeyError, SigningKey};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("cannot use the signing key in {path}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("{path} can be read by others: let only its owner read it (mode 0600)", path = .path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
    },
    /// Not an origin and 64 digits.
    #[error("{path} is no signing key: it holds an origin, a space and 64 hexadecimal digits", path = .path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
    },
    /// The origin is no name.
    #[error("the log's origin is no name")]
    Origin(#[source] KeyError),
}

/// Reads the key. Errors where others than its owner may read the file.
pub fn read(path: &Path) -> Result<SigningKey, KeyFileError> {
    let at = |source| KeyFileError::File {
        path: path.to_owned(),
        source,
    };
    refuse_exposed(path)
        .map_err(at)?
        .then_some(())
        .ok_or_else(|| KeyFileError::Exposed {
            path: path.to_owned(),
        })?;
    let text = std::fs::read_to_string(path).map_err(at)?;
    parse(&text).ok_or_else(|| KeyFileError::Malformed {
        path: path.to_owned(),
    })?
}

/// Reads the key, or makes one for a log of this origin where there is no file.
pub fn open_or_make(path: &Path, origin: &str, ids: &dyn Ids) -> Result<SigningKey, KeyFileError> {
    match read(path) {
        Err(KeyFileError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
        other => return other,
    }
    let seed = ids.secret();
    let key = SigningKey::from_seed(origin, &seed).map_err(KeyFileError::Origin)?;
    match write_private(path, &format!("{origin} {}\n", hex::encode(seed))) {
        Ok(()) => Ok(key),
        // Another process of this node was faster: its key is the key.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read(path),
        Err(source) => Err(KeyFileError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

fn parse(text: &str) -> Option<Result<SigningKey, KeyFileError>> {
    let (origin, digits) = text.trim_end().split_once(' ')?;
    let mut seed = [0; 32];
    hex::decode_to_slice(digits, &mut seed).ok()?;
    Some(SigningKey::from_seed(origin, &seed).map_err(KeyFileError::Origin))
}

/// Writes a new file that only its owner can read, whole on disk or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Whether only its owner can read a file.
#[cfg(unix)]
pub(crate) fn refuse_exposed(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 == 0)
}

/// Whether only its owner can read a file: not to be told here.
#[cfg(not(unix))]
pub(crate) fn refuse_exposed(path: &Path) -> std::io::Result<bool> {
    std::fs::metadata(path).map(|_| true)
}
