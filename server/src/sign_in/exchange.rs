//! From a code to tokens, at the provider's token endpoint (RFC 6749 section 4.1.3).

use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::discovery::Document;
use super::outbound::{Answer, Outbound, OutboundError};
use super::provider::Provider;
use super::{Failure, ProviderSettings};

/// What is read of the answer (section 5.1). Its other members, such as `expires_in`, are not needed and may be anything.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) id_token: String,
}

/// A code and what proves whose it is.
pub(super) struct Code<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
}

/// Asks the token endpoint. Whatever it answers is an answer.
pub(super) async fn ask(
    outbound: &Outbound,
    document: &Document,
    settings: &ProviderSettings,
    redirect_uri: &str,
    code: &Code<'_>,
) -> Result<Answer, OutboundError> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", code.verifier),
    ];
    let id = settings.client_id.as_str();
    let basic = match &settings.client_secret {
        // Both are encoded as a form's values before they are joined (section 2.3.1).
        Some(secret) if !document.secret_in_body => Some((encoded(id), encoded(secret.expose_secret()))),
        Some(secret) => {
            form.extend([("client_id", id), ("client_secret", secret.expose_secret())]);
            None
        }
        None => {
            form.push(("client_id", id));
            None
        }
    };
    outbound.post(document.token_endpoint.clone(), &form, basic).await
}

/// Exchanges a code that somebody came back with.
pub(super) async fn exchange(
    outbound: &Outbound,
    provider: &Provider,
    settings: &ProviderSettings,
    redirect_uri: &str,
    code: &Code<'_>,
) -> Result<Tokens, Failure> {
    let answer = ask(outbound, &provider.document, settings, redirect_uri, code)
        .await
        .map_err(|error| match error {
            OutboundError::Http(_) => Failure::WentAway(Box::new(error)),
            OutboundError::TooLarge => Failure::CodeRefused(Box::new(error)),
        })?;
    if answer.status.is_server_error() {
        return Err(Failure::WentAway(status(&answer)));
    }
    if !answer.status.is_success() {
        return Err(Failure::CodeRefused(status(&answer)));
    }
    serde_json::from_slice(&answer.body).map_err(|error| Failure::CodeRefused(Box::new(error)))
}

/// A status as the cause of a failure. The body is not ours and is not kept.
pub(super) fn status(answer: &Answer) -> Box<dyn std::error::Error + Send + Sync> {
    format!("the answer's status is {}", answer.status).into()
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
