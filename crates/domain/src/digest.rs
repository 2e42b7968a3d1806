//! SHA-256 digests, written as 64 lower-case hexadecimal digits.

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Digest([u8; 32]);

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 lower-case hexadecimal digits")]
pub struct DigestError;

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
#[error("this value has no canonical JSON form")]
pub struct CanonicalError(#[source] std::io::Error);

impl CanonicalError {
    /// For a number that canonical JSON would round.
    pub(crate) fn inexact() -> Self {
        Self(std::io::Error::other("a whole number beyond ±2^53"))
    }
}

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of a value's canonical JSON (RFC 8785), so that member order and spacing do not matter.
    pub fn of_canonical(value: &impl Serialize) -> Result<Self, CanonicalError> {
        serde_json_canonicalizer::to_vec(value)
            .map(|bytes| Self::of(&bytes))
            .map_err(|error| CanonicalError(std::io::Error::other(error)))
    }

    /// Wraps 32 bytes that a digest column holds.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut digits = [0u8; 64];
        hex::encode_to_slice(self.0, &mut digits).map_err(|_| std::fmt::Error)?;
        f.write_str(std::str::from_utf8(&digits).map_err(|_| std::fmt::Error)?)
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// As text, without a string in between: a decision's record has a dozen of them.
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::str::FromStr for Digest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        let mut bytes = [0u8; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| DigestError)?;
        let digest = Self(bytes);
        if digest.to_string() == text {
            Ok(digest)
        } else {
            Err(DigestError)
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;
    fn try_from(text: String) -> Result<Self, DigestError> {
        text.parse()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn member_order_does_not_change_a_canonical_digest() {
        let one: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":[1.0,"x"]}"#).unwrap();
        let two: serde_json::Value = serde_json::from_str(r#"{ "a": [1, "x"], "b": 1 }"#).unwrap();
        assert_eq!(
            Digest::of_canonical(&one).unwrap(),
            Digest::of_canonical(&two).unwrap()
        );
    }

    #[test]
    fn upper_case_is_refused_so_that_a_digest_has_one_spelling() {
        let digest = Digest::of(b"x").to_string();
        assert!(digest.parse::<Digest>().is_ok());
        assert_eq!(digest.to_uppercase().parse::<Digest>(), Err(DigestError));
    }
}
