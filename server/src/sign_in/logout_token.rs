//! Logout tokens of OpenID Connect Back-Channel Logout 1.0, verified here because the library does not know them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::flow::{ALGORITHMS, SKEW};

/// The event that makes a token a logout token (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The longest life that is accepted. The specification recommends two minutes; each token is remembered until its end.
const LONGEST_LIFE: TimeDelta = TimeDelta::hours(24);

/// What a verified logout token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logout {
    /// Whose session.
    pub sub: Option<String>,
    /// Which session.
    pub sid: Option<String>,
    /// The token's own id, for telling a replay.
    pub jti: String,
    /// When it would be refused anyway.
    pub expires_at: DateTime<Utc>,
}

/// Why a logout token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoutTokenError {
    /// Not a signed JWT with the claims that a logout token has.
    #[error("not a logout token")]
    Malformed,
    /// Another kind of token, by its `typ` or by a header that must be understood and is not.
    #[error("its header is not that of a logout token")]
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
    /// Of another provider.
    #[error("it is of another issuer")]
    Issuer,
    /// For another client.
    #[error("it is for somebody else")]
    Audience,
    /// Too old, too young, or too long-lived.
    #[error("its times are not acceptable")]
    Time,
    /// No such event in it.
    #[error("it has no back-channel logout event")]
    Event,
    /// An ID token in disguise.
    #[error("it has a nonce")]
    Nonce,
    /// It says neither whose nor which session.
    #[error("it names neither a subject nor a session")]
    NoSession,
    /// Obeyed before.
    #[error("it was used before")]
    Replayed,
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    jti: String,
    sub: Option<String>,
    sid: Option<String>,
    #[serde(default)]
    events: Map<String, Value>,
    #[serde(default, deserialize_with = "present")]
    nonce: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn has(&self, client: &str) -> bool {
        match self {
            Self::One(one) => one == client,
            Self::Many(many) => many.iter().any(|one| one == client),
        }
    }
}

/// A claim that must not be there is there, even when it is null.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Section 2.6, all steps but the replay, which needs the database.
pub(super) fn verify(
    token: &str,
    keys: &CoreJsonWebKeySet,
    issuer: &str,
    client_id: &str,
    now: DateTime<Utc>,
) -> Result<Logout, LogoutTokenError> {
    use LogoutTokenError as E;
    let (signed, signature) = token.rsplit_once('.').ok_or(E::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(E::Malformed)?;
    let header: Header = decode(header).map_err(|fault| match fault {
        // `none` and what nobody knows: both are algorithms that the type does not have.
        DecodeFault::Json => E::Algorithm,
        DecodeFault::Base64 => E::Malformed,
    })?;
    let typ_fits = header.typ.as_deref().is_none_or(|typ| {
        let typ = typ.to_ascii_lowercase();
        matches!(typ.as_str(), "logout+jwt" | "application/logout+jwt" | "jwt")
    });
    if header.crit.is_some() || !typ_fits {
        return Err(E::Header);
    }
    if !ALGORITHMS.contains(&header.alg) {
        return Err(E::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| E::Malformed)?;
    let key = the_key(keys, header.kid.as_deref(), &header.alg).ok_or(E::UnknownKey)?;
    key.verify_signature(&header.alg, signed.as_bytes(), &signature)
        .map_err(|_| E::Signature)?;
    let payload: Payload = decode(payload).map_err(|_| E::Malformed)?;
    check(payload, issuer, client_id, now)
}

fn check(
    payload: Payload,
    issuer: &str,
    client_id: &str,
    now: DateTime<Utc>,
) -> Result<Logout, LogoutTokenError> {
    use LogoutTokenError as E;
    if payload.iss != issuer {
        return Err(E::Issuer);
    }
    if !payload.aud.has(client_id) {
        return Err(E::Audience);
    }
    let issued_at = DateTime::from_timestamp(payload.iat, 0).ok_or(E::Time)?;
    let expires_at = DateTime::from_timestamp(payload.exp, 0).ok_or(E::Time)?;
    if issued_at > now + SKEW || expires_at <= now - SKEW || expires_at > issued_at + LONGEST_LIFE {
        return Err(E::Time);
    }
    if !payload.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(E::Event);
    }
    if payload.nonce {
        return Err(E::Nonce);
    }
    if payload.sub.is_none() && payload.sid.is_none() {
        return Err(E::NoSession);
    }
    // Accepted until `exp` plus the skew, so a replay must be known for as long.
    Ok(Logout {
        sub: payload.sub,
        sid: payload.sid,
        jti: payload.jti,
        expires_at: expires_at + SKEW,
    })
}

/// The one key that fits by id, use, type and algorithm. Two that fit are as good as none: the header must not choose.
fn the_key<'k>(
    keys: &'k CoreJsonWebKeySet,
    kid: Option<&str>,
    algorithm: &CoreJwsSigningAlgorithm,
) -> Option<&'k CoreJsonWebKey> {
    let mut fitting = keys.keys().iter().filter(|key| {
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

enum DecodeFault {
    Base64,
    Json,
}

fn decode<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, DecodeFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| DecodeFault::Base64)?;
    serde_json::from_slice(&bytes).map_err(|_| DecodeFault::Json)
}
