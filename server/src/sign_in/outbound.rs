//! The only way out to the identity provider. It goes to what the operator configured and to nothing that anybody typed, so
//! it may lie inside a network; what people have typed goes through `notify::outgoing`, the guarded client.

use std::time::Duration;

use http::{StatusCode, header};
use url::Url;

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest answer that is read. A key set of a big provider has some tens of KiB.
const LARGEST_BYTES: usize = 1 << 20;

/// A client that follows no redirect: a provider that redirects a back-channel call is misconfigured, and following
/// would let it send us anywhere inside.
#[derive(Debug, Clone)]
pub struct Outbound(reqwest::Client);

/// What came back, whatever it says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Whether its content type is `application/jwt`.
    pub(super) is_jwt: bool,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No connection, no TLS, too slow, or broken off.
    #[error("the identity provider did not answer")]
    Http(#[from] reqwest::Error),
    /// Larger than anything that belongs here.
    #[error("the identity provider's answer is larger than {LARGEST_BYTES} bytes")]
    TooLarge,
}

impl Outbound {
    /// Errors when the machine has no usable TLS.
    #[allow(
        clippy::disallowed_methods,
        reason = "the provider is configured by the operator; no redirect is followed and little is read"
    )]
    pub fn new() -> Result<Self, OutboundError> {
        let client = notify::trust::with_machine_roots(reqwest::Client::builder())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("spillway/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    /// Gets a document.
    pub(super) async fn get(&self, url: Url, bearer: Option<&str>) -> Result<Answer, OutboundError> {
        let mut request = self.0.get(url).header(header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        read(request.send().await?).await
    }

    /// Posts a form, with the `Authorization` of a client where it goes there.
    pub(super) async fn post(
        &self,
        url: Url,
        form: &[(&str, &str)],
        basic: Option<(String, String)>,
    ) -> Result<Answer, OutboundError> {
        let mut request = self
            .0
            .post(url)
            .header(header::ACCEPT, "application/json")
            .form(form);
        if let Some((id, secret)) = basic {
            request = request.basic_auth(id, Some(secret));
        }
        read(request.send().await?).await
    }
}

async fn read(mut response: reqwest::Response) -> Result<Answer, OutboundError> {
    let is_jwt = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/jwt"));
    let mut answer = Answer {
        status: response.status(),
        is_jwt,
        body: Vec::new(),
    };
    while let Some(chunk) = response.chunk().await? {
        if answer.body.len() + chunk.len() > LARGEST_BYTES {
            return Err(OutboundError::TooLarge);
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}
