//! The provider's signing key: ECDSA over P-256, which is made in no time, unlike RSA.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey as P256Key};
use serde_json::{Value, json};

/// A key with its name.
pub struct SigningKey {
    key: P256Key,
    kid: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A fresh key. Of all 32-byte strings about one in 2^32 is none; a second draw is enough.
    pub fn generate() -> Option<Self> {
        let key = (0..2).find_map(|_| P256Key::from_slice(&rand::random::<[u8; 32]>()).ok())?;
        Some(Self {
            key,
            kid: hex::encode(rand::random::<[u8; 8]>()),
        })
    }

    /// The public half, as RFC 7517 and RFC 7518 section 6.2 write it.
    pub(super) fn public(&self) -> Value {
        // SEC 1 section 2.3.3: a byte 4, then 32 bytes of x and 32 of y.
        let point = self.key.verifying_key().to_sec1_bytes();
        let coordinate = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": coordinate(1..33), "y": coordinate(33..65),
        })
    }

    /// A JWT in compact form (RFC 7515 section 7.1).
    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": typ });
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
