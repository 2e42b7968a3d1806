//! ID tokens: OpenID Connect Core section 3.1.3.7.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::claims::{Audience, Claims, NumericDate, SKEW, Subject, is_too_early};
use super::jws::{self, JwsError};
use super::keys::Keys;

/// Why an ID token, or a signed answer of the userinfo endpoint, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// The signature.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim that security rests on is missing or has another type than it must have.
    #[error("a required claim is missing or is not what it must be")]
    Malformed,
    /// Of another provider.
    #[error("it is of another issuer")]
    Issuer,
    /// For another client, or for others besides us.
    #[error("it is for somebody else")]
    Audience,
    /// Over, not valid yet, or issued in the future.
    #[error("its times are not acceptable")]
    Time,
    /// Of another sign-in than the one that is under way.
    #[error("its nonce is another")]
    Nonce,
    /// It came with another access token than its own.
    #[error("the access token is not the ID token's")]
    AccessToken,
    /// About somebody else than the ID token.
    #[error("it is about another subject")]
    Subject,
}

/// What an ID token has to fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// A verified ID token.
#[derive(Debug)]
pub(super) struct IdToken {
    pub(super) sub: String,
    /// All that it says. Only the claims that are read here have been checked.
    pub(super) claims: Claims,
}

#[derive(Deserialize)]
struct Strict {
    iss: String,
    aud: Audience,
    sub: Subject,
    exp: NumericDate,
    iat: NumericDate,
    nbf: Option<NumericDate>,
    nonce: String,
    azp: Option<String>,
    at_hash: Option<String>,
}

/// Verifies one.
pub(super) fn verify(token: &str, keys: &Keys, expected: Expected<'_>) -> Result<IdToken, IdTokenError> {
    use IdTokenError as E;
    let signed = jws::verify(token, keys, |typ| matches!(typ, None | Some("jwt" | "jose")))?;
    let strict = Strict::deserialize(Value::Object(signed.claims.clone())).map_err(|_| E::Malformed)?;
    if strict.iss != expected.issuer {
        return Err(E::Issuer);
    }
    let of_ours = strict.azp.is_none_or(|azp| azp == expected.client_id);
    if !strict.aud.is_only(expected.client_id) || !of_ours {
        return Err(E::Audience);
    }
    let now = expected.now;
    if strict.exp.0 <= now || strict.iat.0 > now + SKEW || is_too_early(strict.nbf, now) {
        return Err(E::Time);
    }
    if Sha256::digest(&strict.nonce) != Sha256::digest(expected.nonce) {
        return Err(E::Nonce);
    }
    // Section 3.1.3.8: an access token that belongs to another answer is not used.
    if strict
        .at_hash
        .is_some_and(|hash| signed.half_hash(expected.access_token) != Some(hash))
    {
        return Err(E::AccessToken);
    }
    Ok(IdToken {
        sub: strict.sub.0,
        claims: Claims(signed.claims),
    })
}

#[derive(Deserialize)]
struct SignedUserInfo {
    iss: String,
    aud: Audience,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
}

/// Verifies an answer of the userinfo endpoint that is a signed token (section 5.3.2).
pub(super) fn verify_user_info(
    token: &str,
    keys: &Keys,
    expected: Expected<'_>,
) -> Result<Claims, IdTokenError> {
    use IdTokenError as E;
    let signed = jws::verify(token, keys, |typ| matches!(typ, None | Some("jwt" | "jose")))?;
    let strict =
        SignedUserInfo::deserialize(Value::Object(signed.claims.clone())).map_err(|_| E::Malformed)?;
    if strict.iss != expected.issuer {
        return Err(E::Issuer);
    }
    if !strict.aud.has(expected.client_id) {
        return Err(E::Audience);
    }
    if strict.exp.is_some_and(|exp| exp.0 <= expected.now) || is_too_early(strict.nbf, expected.now) {
        return Err(E::Time);
    }
    Ok(Claims(signed.claims))
}
