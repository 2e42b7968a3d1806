//! The key pair that signs checkpoints: Ed25519 in the text forms of C2SP `signed-note`.

use ed25519_dalek::Signer as _;
use signed_note::{Signer, StandardVerifier, Verifier as _};

/// The signature type of Ed25519 in a note's key (C2SP `signed-note`).
const ED25519: u8 = 0x01;

/// The private half. Its seed is 32 bytes from a file or another keeper of secrets, never from the database.
pub struct SigningKey {
    name: String,
    id: u32,
    key: ed25519_dalek::SigningKey,
}

/// The public half, written `<name>+<8 hex digits of the key's hash>+<base64 key>`: what an auditor is handed, by
/// another way than the log.
#[derive(Clone)]
pub struct VerifierKey {
    text: String,
    verifier: StandardVerifier,
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The name is empty, or has white space or a plus sign.
    #[error("a key's name is not empty and has neither white space nor `+`")]
    Name,
    /// Not a verifier key of Ed25519, or its hash is not that of name and key.
    #[error("a verifier key is `<name>+<hash>+<key>`")]
    Malformed(#[source] signed_note::VerifierError),
    /// The same key has another spelling.
    #[error("a verifier key's hash is written in lower-case hexadecimal digits")]
    Spelling,
}

impl SigningKey {
    /// The key with this name that follows from a seed. The name is also the log's origin: a URL without scheme, such
    /// as `spillway.example.com/ledger`, that no other log uses.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        if !signed_note::is_key_name_valid(name) {
            return Err(KeyError::Name);
        }
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let mut typed = vec![ED25519];
        typed.extend_from_slice(key.verifying_key().as_bytes());
        Ok(Self {
            name: name.to_owned(),
            id: signed_note::key_id(name, &typed),
            key,
        })
    }

    /// The key's name, which is the log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    pub fn verifier_key(&self) -> Result<VerifierKey, KeyError> {
        signed_note::new_ed25519_verifier_key(&self.name, &self.key.verifying_key()).parse()
    }
}

impl Signer for SigningKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        Ok(self.key.try_sign(text)?.to_vec())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({}+{:08x}, hidden)", self.name, self.id)
    }
}

impl VerifierKey {
    /// The key's name, which is the log's origin.
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    pub(crate) fn verifier(&self) -> StandardVerifier {
        self.verifier.clone()
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let verifier = StandardVerifier::new(text).map_err(KeyError::Malformed)?;
        if !text.starts_with(&format!("{}+{:08x}+", verifier.name(), verifier.key_id())) {
            return Err(KeyError::Spelling);
        }
        Ok(Self {
            text: text.to_owned(),
            verifier,
        })
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifierKey({})", self.text)
    }
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for VerifierKey {}
