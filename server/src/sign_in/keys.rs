//! The provider's signing keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::Value;

/// The shortest RSA modulus that is believed, in bits (RFC 7518 section 3.3).
const SHORTEST_RSA_BITS: usize = 2_048;

/// A key set (RFC 7517 section 5). A key that cannot be read, or is too short, is not in it.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<CoreJsonWebKey>);

#[derive(Deserialize)]
struct Written {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads a key set document. Errors when it is not one; a single bad key only leaves itself out.
    pub(super) fn read(document: &[u8]) -> Result<Self, serde_json::Error> {
        let written: Written = serde_json::from_slice(document)?;
        let keys = written.keys.into_iter().filter_map(|key| {
            if rsa_bits(&key).is_some_and(|bits| bits < SHORTEST_RSA_BITS) {
                tracing::warn!(
                    kid = key.get("kid").and_then(serde_json::Value::as_str),
                    "an RSA key of the identity provider is shorter than {SHORTEST_RSA_BITS} bits; it is not used"
                );
                return None;
            }
            serde_json::from_value(key).ok()
        });
        Ok(Self(keys.collect()))
    }

    /// The one key that fits by id, use, type and algorithm. Two that fit are as good as none: the header must not choose.
    pub(super) fn the_key(
        &self,
        kid: Option<&str>,
        algorithm: &CoreJwsSigningAlgorithm,
    ) -> Option<&CoreJsonWebKey> {
        let mut fitting = self.0.iter().filter(|key| {
            let same_id = kid.is_none_or(|kid| key.key_id().is_some_and(|own| own.as_str() == kid));
            let for_signing = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
            let same_type = algorithm.key_type().as_ref() == Some(key.key_type());
            let same_algorithm = match key.signing_alg() {
                JsonWebKeyAlgorithm::Algorithm(own) => own == algorithm,
                JsonWebKeyAlgorithm::Unspecified => true,
                JsonWebKeyAlgorithm::Unsupported => false,
            };
            same_id && for_signing && same_type && same_algorithm
        });
        let key = fitting.next()?;
        fitting.next().is_none().then_some(key)
    }
}

/// The length of an RSA key's modulus, in bits; none for a key of another type. A modulus that cannot be read has none.
fn rsa_bits(key: &Value) -> Option<usize> {
    if key.get("kty").and_then(Value::as_str) != Some("RSA") {
        return None;
    }
    let modulus = key.get("n").and_then(Value::as_str).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD
        .decode(modulus.trim_end_matches('='))
        .unwrap_or_default();
    // Zeros in front make no key longer.
    let bytes = bytes.iter().skip_while(|byte| **byte == 0);
    let first = bytes
        .clone()
        .next()
        .map_or(8, |byte| byte.leading_zeros() as usize);
    Some((bytes.count() * 8).saturating_sub(first))
}

#[cfg(test)]
mod tests;
