//! The only way out to the identity provider. It goes to what the operator configured and to nothing that anybody typed, so
//! it may lie inside a network; what people have typed goes through `notify::outgoing`, the guarded client.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest answer that is read. A key set of a big provider has some tens of KiB.
const LARGEST_BYTES: usize = 1 << 20;

/// A client that follows no redirect: a provider that redirects a back-channel call is misconfigured, and following
/// would let it send us anywhere inside.
#[derive(Debug, Clone)]
pub struct Outbound(reqwest::Client);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No connection, no TLS, too slow, or broken off.
    #[error("the identity provider did not answer")]
    Http(#[from] reqwest::Error),
    /// Larger than anything that belongs here.
    #[error("the identity provider's answer is larger than {LARGEST_BYTES} bytes")]
    TooLarge,
    /// Cannot be put into the form that the library wants.
    #[error("the identity provider's answer makes no sense")]
    Malformed(#[from] http::Error),
}

impl Outbound {
    /// Errors when the machine has no usable TLS.
    #[allow(
        clippy::disallowed_methods,
        reason = "the provider is configured by the operator; no redirect is followed and little is read"
    )]
    pub fn new() -> Result<Self, OutboundError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("spillway/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut builder = http::Response::builder().status(response.status());
        if let Some(headers) = builder.headers_mut() {
            headers.clone_from(response.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST_BYTES {
                return Err(OutboundError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(builder.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
