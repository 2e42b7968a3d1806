//! The one way out to addresses that people have typed: the guarded client.
//!
//! It connects to no private, loopback or link-local address that configuration does not name, follows no redirect, uses no
//! proxy, and gives up after a time and a size. What is checked is what is connected to: names are resolved here and nowhere
//! else, so a name that answers one thing to a check and another to the connection gains nothing.

mod address;
mod allow;
mod resolver;

pub use allow::{Allow, AllowError};

use std::sync::Arc;
use std::time::Duration;

use address::is_public;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use resolver::Guarded;
use url::{Host, Url};

/// How long and how much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long all of it may take.
    pub total: Duration,
    /// How much of an answer is read, in bytes. The rest is not.
    pub largest_bytes: usize,
}

impl Default for Limits {
    /// Standard Webhooks recommends 15 to 30 seconds.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(15),
            largest_bytes: 64 << 10,
        }
    }
}

/// The client.
#[derive(Debug, Clone)]
pub struct Outgoing {
    client: reqwest::Client,
    allow: Arc<Allow>,
    limits: Limits,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// After how many seconds it wants to be asked again.
    pub retry_after_secs: Option<u32>,
    /// What it said, cut at the limit.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// The address is not one that may be called.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// A header's value is none.
    #[error("a header has characters that no header may have")]
    Header(#[from] http::header::InvalidHeaderValue),
    /// No connection, no TLS, too slow, or broken off.
    #[error("no answer")]
    Http(#[from] reqwest::Error),
}

/// Why an address may not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not https.
    #[error("the address must begin with https://")]
    NotHttps,
    /// No host.
    #[error("the address names no host")]
    NoHost,
    /// With a user and a password in it.
    #[error("the address holds a user name or password")]
    Credentials,
    /// Inside of a network.
    #[error("the address lies inside a network: an operator can allow it with outgoing.allow")]
    Private,
}

/// No client, because the machine has no usable TLS.
#[derive(Debug, thiserror::Error)]
#[error("no client for outgoing calls")]
pub struct ClientError(#[source] reqwest::Error);

impl Outgoing {
    /// A client that may go to public addresses and to what `allow` names.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the guarded client that the ban points to"
    )]
    pub fn new(allow: Allow, limits: Limits) -> Result<Self, ClientError> {
        let allow = Arc::new(allow);
        let client = crate::trust::with_machine_roots(reqwest::Client::builder())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .dns_resolver(Arc::new(Guarded::new(Arc::clone(&allow))))
            // Deliveries are far apart, and a connection that is kept outlives what its name was resolved to.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("spillway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(ClientError)?;
        Ok(Self {
            client,
            allow,
            limits,
        })
    }

    /// Whether an address may be called, as far as can be said without resolving its name.
    pub fn check(&self, url: &Url) -> Result<(), AddressError> {
        check(&self.allow, url)
    }

    /// Gets a document.
    pub async fn get(&self, url: &Url, headers: &[(&'static str, String)]) -> Result<Answer, OutgoingError> {
        self.check(url)?;
        self.send(
            self.client
                .get(url.clone())
                .headers(named(HeaderMap::new(), headers)?),
        )
        .await
    }

    /// Posts JSON.
    pub async fn post(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<Answer, OutgoingError> {
        self.check(url)?;
        let mut all = HeaderMap::new();
        all.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let all = named(all, headers)?;
        self.send(self.client.post(url.clone()).headers(all).body(body))
            .await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, OutgoingError> {
        let mut response = request.send().await?;
        let mut answer = Answer {
            status: response.status(),
            retry_after_secs: response
                .headers()
                .get(header::RETRY_AFTER)
                .and_then(|value| value.to_str().ok())
                .and_then(|text| text.trim().parse().ok()),
            body: Vec::new(),
        };
        while answer.body.len() < self.limits.largest_bytes
            && let Some(chunk) = response.chunk().await?
        {
            let room = self.limits.largest_bytes - answer.body.len();
            answer.body.extend(chunk.iter().take(room));
        }
        Ok(answer)
    }
}

fn named(
    mut all: HeaderMap,
    headers: &[(&'static str, String)],
) -> Result<HeaderMap, http::header::InvalidHeaderValue> {
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value)?;
        value.set_sensitive(*name == "authorization");
        all.insert(HeaderName::from_static(name), value);
    }
    Ok(all)
}

fn check(allow: &Allow, url: &Url) -> Result<(), AddressError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials);
    }
    let (allowed, public) = match url.host() {
        None => return Err(AddressError::NoHost),
        // Its addresses are looked at when it is resolved.
        Some(Host::Domain(name)) => (allow.has_name(name), true),
        Some(Host::Ipv4(address)) => (allow.has_address(address.into()), is_public(address.into())),
        Some(Host::Ipv6(address)) => (allow.has_address(address.into()), is_public(address.into())),
    };
    match url.scheme() {
        "https" => {}
        "http" if allowed => {}
        _ => return Err(AddressError::NotHttps),
    }
    if allowed || public {
        Ok(())
    } else {
        Err(AddressError::Private)
    }
}
