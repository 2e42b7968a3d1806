//! Signed tokens of the provider: the one place where a signature is verified, whatever the token is for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::JsonWebKey;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::Keys;

/// Signatures that are believed. None by a shared secret, and never `none`.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why a token's signature is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Not a signed JWT in compact form whose payload is a JSON object.
    #[error("not a signed token")]
    Malformed,
    /// Another kind of token, by its `typ`, or with a header that must be understood and is not.
    #[error("its header is that of another kind of token")]
    Header,
    /// An algorithm that is not believed.
    #[error("its signature is of a kind that is not accepted")]
    Algorithm,
    /// No key of the provider has this id and kind. Newer keys may.
    #[error("its key is unknown")]
    UnknownKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
}

/// A token whose signature is right. Nothing is said yet about what it claims.
#[derive(Debug)]
pub(super) struct Signed<'k> {
    /// The claims, as they came.
    pub(super) claims: Map<String, Value>,
    key: &'k CoreJsonWebKey,
    algorithm: CoreJwsSigningAlgorithm,
}

impl Signed<'_> {
    /// The left half of a text's hash by the hash function of the signature, in base64url: OpenID Connect Core section
    /// 3.1.3.6. None where the key has no such function.
    pub(super) fn half_hash(&self, text: &str) -> Option<String> {
        let hash = self.key.hash_bytes(text.as_bytes(), &self.algorithm).ok()?;
        Some(URL_SAFE_NO_PAD.encode(hash.get(..hash.len() / 2)?))
    }
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<Value>,
    crit: Option<Value>,
}

/// Verifies header and signature. `is_of_kind` looks at the header's `typ` in small letters and without `application/`
/// (RFC 7515 section 4.1.9): a token of one kind must not pass for another.
pub(super) fn verify<'k>(
    token: &str,
    keys: &'k Keys,
    is_of_kind: impl Fn(Option<&str>) -> bool,
) -> Result<Signed<'k>, JwsError> {
    use JwsError as E;
    let (signed, signature) = token.rsplit_once('.').ok_or(E::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(E::Malformed)?;
    let header: Header = decode(header).map_err(|fault| match fault {
        // `none` and what nobody knows: both are algorithms that the type does not have.
        DecodeFault::Json => E::Algorithm,
        DecodeFault::Base64 => E::Malformed,
    })?;
    let typ = header.typ.map(|typ| typ.to_ascii_lowercase());
    let typ = typ
        .as_deref()
        .map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    if header.crit.is_some() || header.cty.is_some() || !is_of_kind(typ) {
        return Err(E::Header);
    }
    if !ALGORITHMS.contains(&header.alg) {
        return Err(E::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| E::Malformed)?;
    let key = keys
        .the_key(header.kid.as_deref(), &header.alg)
        .ok_or(E::UnknownKey)?;
    key.verify_signature(&header.alg, signed.as_bytes(), &signature)
        .map_err(|_| E::Signature)?;
    Ok(Signed {
        claims: decode(payload).map_err(|_| E::Malformed)?,
        key,
        algorithm: header.alg,
    })
}

enum DecodeFault {
    Base64,
    Json,
}

fn decode<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, DecodeFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| DecodeFault::Base64)?;
    serde_json::from_slice(&bytes).map_err(|_| DecodeFault::Json)
}
