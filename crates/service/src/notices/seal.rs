//! Seals what must not stand in the database in the clear: addresses of chats, secrets of webhooks.
//!
//! ChaCha20-Poly1305 with a random nonce, under a key from a file. The row's id and the column are authenticated too, so that
//! a sealed text that is moved elsewhere does not open there.

use crate::ids::Ids;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::path::{Path, PathBuf};

/// The first byte of what is sealed in this way.
const FORM: u8 = 1;

/// The key.
pub struct Seal(LessSafeKey);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

/// It does not open: another key, another place, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed with another key or for another place, or was changed")]
pub struct SealError;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SealKeyError {
    /// The file cannot be read or written.
    #[error("cannot use the wrapping key in {path}", path = .path.display())]
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
    /// Not 64 digits.
    #[error("{path} is no wrapping key: it holds 64 hexadecimal digits", path = .path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
    },
}

impl Seal {
    /// From 32 secret bytes.
    pub fn new(key: &[u8; 32]) -> Result<Self, SealError> {
        UnboundKey::new(&CHACHA20_POLY1305, key)
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| SealError)
    }

    /// Reads the key, or makes one where there is no file. All nodes of an installation need the same one.
    pub fn open_or_make(path: &Path, ids: &dyn Ids) -> Result<Self, SealKeyError> {
        let at = |source| SealKeyError::File {
            path: path.to_owned(),
            source,
        };
        match crate::ledger_log::write_private(path, &format!("{}\n", hex::encode(ids.secret()))) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(at(error)),
        }
        if !crate::ledger_log::refuse_exposed(path).map_err(at)? {
            return Err(SealKeyError::Exposed {
                path: path.to_owned(),
            });
        }
        let text = std::fs::read_to_string(path).map_err(at)?;
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key)
            .ok()
            .and_then(|()| Self::new(&key).ok())
            .ok_or_else(|| SealKeyError::Malformed {
                path: path.to_owned(),
            })
    }

    /// Seals a text for a place: `end_…/secret`.
    pub(super) fn seal(&self, ids: &dyn Ids, place: &str, text: &str) -> Result<Vec<u8>, SealError> {
        let random = ids.secret();
        let nonce: [u8; NONCE_LEN] = random.first_chunk().copied().ok_or(SealError)?;
        let mut sealed = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| SealError)?;
        Ok([&[FORM], nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Opens what was sealed for this place.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Result<String, SealError> {
        let rest = sealed.strip_prefix(&[FORM]).ok_or(SealError)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
        let mut text = text.to_vec();
        let open = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.as_bytes()),
                &mut text,
            )
            .map_err(|_| SealError)?;
        String::from_utf8(open.to_vec()).map_err(|_| SealError)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::ids::RandomIds;

    #[test]
    fn it_opens_with_its_key_in_its_place_and_nowhere_else() {
        let (one, other) = (Seal::new(&[7; 32]).unwrap(), Seal::new(&[8; 32]).unwrap());
        let sealed = one.seal(&RandomIds, "end_1/secret", "whsec_x").unwrap();
        assert!(!sealed.windows(7).any(|part| part == b"whsec_x"));
        assert_ne!(sealed, one.seal(&RandomIds, "end_1/secret", "whsec_x").unwrap());
        assert_eq!(one.open("end_1/secret", &sealed).as_deref(), Ok("whsec_x"));
        assert_eq!(one.open("end_2/secret", &sealed), Err(SealError));
        assert_eq!(other.open("end_1/secret", &sealed), Err(SealError));
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(one.open("end_1/secret", &changed), Err(SealError));
        assert_eq!(one.open("end_1/secret", &[]), Err(SealError));
    }

    #[test]
    fn the_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wrapping.key");
        let first = Seal::open_or_make(&path, &RandomIds).unwrap();
        let sealed = first.seal(&RandomIds, "here", "x").unwrap();
        let second = Seal::open_or_make(&path, &RandomIds).unwrap();
        assert_eq!(second.open("here", &sealed).as_deref(), Ok("x"));
        let open: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(&path, open).unwrap();
        assert!(matches!(
            Seal::open_or_make(&path, &RandomIds),
            Err(SealKeyError::Exposed { .. })
        ));
        let shut: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, shut).unwrap();
        std::fs::write(&path, "short").unwrap();
        assert!(matches!(
            Seal::open_or_make(&path, &RandomIds),
            Err(SealKeyError::Malformed { .. })
        ));
    }
}
