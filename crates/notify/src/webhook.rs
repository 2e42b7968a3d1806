//! Signed webhooks: Standard Webhooks 1.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use domain::id::DeliveryId;
use domain::notice::Notice;
use domain::window::Instant;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::Sha256;
use url::Url;

/// The header with the delivery's id: the same with every attempt.
pub const ID: &str = "webhook-id";
/// The header with the second of the attempt.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE: &str = "webhook-signature";

/// The secret is not `whsec_` and base 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is `whsec_` and base 64")]
pub struct SecretError;

/// What a program is told.
///
/// ```json
/// {"type":"opt_out.approved","timestamp":"2026-11-24T10:00:00Z","data":{"id":"opt_…","title":"…","url":"https://…"}}
/// ```
pub fn body(notice: &Notice, base: &Url) -> Vec<u8> {
    let instant = |at: Instant| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    json!({
        "type": notice.wire_type(),
        "timestamp": instant(notice.at),
        "data": {
            "id": notice.item.id(),
            "kind": notice.item.kind(),
            "title": notice.title,
            "tier": notice.tier,
            "by": notice.by,
            "reason": notice.why,
            "stage": notice.stage,
            "summary": notice.summary,
            "until": notice.until.map(instant),
            "url": link(notice, base),
        },
    })
    .to_string()
    .into_bytes()
}

/// The three headers of one attempt. Each secret signs: while two are in use, a receiver may know either.
pub fn headers(
    id: DeliveryId,
    now: Instant,
    body: &[u8],
    secrets: &[SecretString],
) -> Result<[(&'static str, String); 3], SecretError> {
    let seconds = now.timestamp().to_string();
    let signatures = secrets
        .iter()
        .map(|secret| sign(secret, id, &seconds, body))
        .collect::<Result<Vec<_>, _>>()?;
    Ok([
        (ID, id.to_string()),
        (TIMESTAMP, seconds),
        (SIGNATURE, signatures.join(" ")),
    ])
}

/// `v1,` and the base 64 of HMAC-SHA256 over `id.timestamp.body`.
fn sign(secret: &SecretString, id: DeliveryId, seconds: &str, body: &[u8]) -> Result<String, SecretError> {
    let key = secret.expose_secret().strip_prefix("whsec_").ok_or(SecretError)?;
    let key = STANDARD.decode(key).map_err(|_| SecretError)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| SecretError)?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The address of the page that a notice leads to. The path is ours: ids have no characters that mean anything in an address,
/// and its own query and fragment stay what they are.
pub(crate) fn link(notice: &Notice, base: &Url) -> String {
    base.join(&notice.path())
        .map_or_else(|_| base.to_string(), String::from)
}
