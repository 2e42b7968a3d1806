//! Logout tokens of OpenID Connect Back-Channel Logout 1.0.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::claims::{Audience, NumericDate, SKEW, Subject, is_too_early};
use super::jws::{self, JwsError};
use super::keys::Keys;

/// The event that makes a token a logout token (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The longest life that is accepted. The specification recommends two minutes; each token is remembered until its end.
const LONGEST_LIFE: TimeDelta = TimeDelta::minutes(5);

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
    /// The signature, or a header of another kind of token.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim that a logout token must have is missing or is not what it must be.
    #[error("not a logout token")]
    Malformed,
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
struct Payload {
    iss: String,
    aud: Audience,
    iat: NumericDate,
    exp: NumericDate,
    nbf: Option<NumericDate>,
    jti: String,
    sub: Option<Subject>,
    sid: Option<String>,
    #[serde(default)]
    events: Map<String, Value>,
    #[serde(default, deserialize_with = "present")]
    nonce: bool,
}

/// A claim that must not be there is there, even when it is null.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Section 2.6, all steps but the replay, which needs the database. The header must say `typ: logout+jwt`, as section 2.4
/// recommends, unless `untyped` tokens are accepted too: without it, another token with an `events` claim might do.
pub(super) fn verify(
    token: &str,
    keys: &Keys,
    issuer: &str,
    client_id: &str,
    untyped: bool,
    now: DateTime<Utc>,
) -> Result<Logout, LogoutTokenError> {
    let signed = jws::verify(token, keys, |typ| match typ {
        Some("logout+jwt") => true,
        None | Some("jwt") => untyped,
        Some(_) => false,
    })?;
    let payload =
        Payload::deserialize(Value::Object(signed.claims)).map_err(|_| LogoutTokenError::Malformed)?;
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
    let (NumericDate(issued_at), NumericDate(expires_at)) = (payload.iat, payload.exp);
    let life = expires_at - issued_at;
    if issued_at > now + SKEW
        || is_too_early(payload.nbf, now)
        || expires_at <= now - SKEW
        || life <= TimeDelta::zero()
        || life > LONGEST_LIFE
    {
        return Err(E::Time);
    }
    if !payload.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(E::Event);
    }
    if payload.nonce {
        return Err(E::Nonce);
    }
    if payload
        .sid
        .as_deref()
        .is_some_and(|sid| sid.contains(char::is_control))
    {
        return Err(E::Malformed);
    }
    if payload.sub.is_none() && payload.sid.is_none() {
        return Err(E::NoSession);
    }
    // Accepted until `exp` plus the skew, so a replay must be known for as long.
    Ok(Logout {
        sub: payload.sub.map(|sub| sub.0),
        sid: payload.sid,
        jti: payload.jti,
        expires_at: expires_at + SKEW,
    })
}
