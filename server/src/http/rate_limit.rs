//! How often one caller may come: tight on sign-in, wide on the machine API.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use governor::middleware::NoOpMiddleware;
use http::{Request, StatusCode, header};
use sha2::{Digest, Sha256};
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use super::problem::Problem;

/// A bucket: `burst` requests at once, `per_minute` in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many requests may come at once.
    pub burst: u32,
    /// How many may come per minute in the long run.
    pub per_minute: u32,
}

impl Rate {
    /// For machine routes: above what one node can decide, so it only stops a caller that has gone wild.
    pub const MACHINE: Self = Self {
        burst: 40_000,
        per_minute: 1_200_000,
    };
    /// For sign-in: two requests per sign-in, and an office may share one address.
    pub const SIGN_IN: Self = Self {
        burst: 120,
        per_minute: 120,
    };
}

/// A rate that lets nothing through, or more than one per nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate has a burst of at least 1 and between 1 and 60,000,000 requests per minute")]
pub struct RateError;

/// Who is counted: the token where there is one (as a digest, so that no token lies in memory twice), else the peer.
///
/// An unknown token gets a bucket of its own, so guessing tokens is not slowed by this key; the 256 bits of a token are
/// what makes guessing hopeless.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// The SHA-256 of a bearer token, cut to 16 bytes.
    Token([u8; 16]),
    /// The address of the other end of the connection.
    Peer(IpAddr),
}

/// Counts machine routes by token, else by peer.
#[derive(Debug, Clone, Copy)]
pub struct ByTokenOrPeer;

/// Counts sign-in routes by peer, whatever they send.
#[derive(Debug, Clone)]
pub struct ByPeer {
    /// Proxies whose `X-Forwarded-For` is believed: without them everybody behind the balancer shares one bucket.
    pub trusted_proxies: Arc<[IpAddr]>,
}

impl KeyExtractor for ByTokenOrPeer {
    type Key = Caller;

    fn extract<T>(&self, request: &Request<T>) -> Result<Caller, GovernorError> {
        let token = request.headers().get(header::AUTHORIZATION).map(|value| {
            let digest = Sha256::digest(value.as_bytes());
            let mut cut = [0; 16];
            cut.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
            Caller::Token(cut)
        });
        token
            .or_else(|| peer(request).map(Caller::Peer))
            .ok_or(GovernorError::UnableToExtractKey)
    }
}

impl KeyExtractor for ByPeer {
    type Key = IpAddr;

    /// The last address that no proxy of ours added: everything to the left of it is the caller's own word.
    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let peer = peer(request).ok_or(GovernorError::UnableToExtractKey)?;
        if !self.trusted_proxies.contains(&peer) {
            return Ok(peer);
        }
        let forwarded = request
            .headers()
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok());
        let hops: Vec<IpAddr> = forwarded
            .flat_map(|value| value.split(','))
            .filter_map(|hop| hop.trim().parse().ok())
            .collect();
        Ok(hops
            .into_iter()
            .rev()
            .find(|hop| !self.trusted_proxies.contains(hop))
            .unwrap_or(peer))
    }
}

fn peer<T>(request: &Request<T>) -> Option<IpAddr> {
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip())
}

/// The buckets of one node. They are not shared between nodes: behind a balancer each node allows the whole rate.
#[derive(Clone)]
pub struct RateLimits {
    machine: Arc<GovernorConfig<ByTokenOrPeer, NoOpMiddleware>>,
    sign_in: Arc<GovernorConfig<ByPeer, NoOpMiddleware>>,
}

/// A layer that answers 429 with `Retry-After`.
pub type RateLimit<K> = GovernorLayer<K, NoOpMiddleware, Body>;

impl RateLimits {
    /// Empty buckets. Errors when a rate is none.
    pub fn new(machine: Rate, sign_in: Rate, trusted_proxies: Arc<[IpAddr]>) -> Result<Self, RateError> {
        Ok(Self {
            machine: buckets(ByTokenOrPeer, machine)?,
            sign_in: buckets(ByPeer { trusted_proxies }, sign_in)?,
        })
    }

    /// For the routes that machines call.
    pub fn machine(&self) -> RateLimit<ByTokenOrPeer> {
        GovernorLayer::new(self.machine.clone()).error_handler(|error| refuse(&error))
    }

    /// For the routes of sign-in.
    pub fn sign_in(&self) -> RateLimit<ByPeer> {
        GovernorLayer::new(self.sign_in.clone()).error_handler(|error| refuse(&error))
    }

    /// Forgets callers whose bucket is full again. A worker calls it each minute: keys are the callers' to choose, and
    /// would fill the memory otherwise.
    pub fn sweep(&self) {
        self.machine.limiter().retain_recent();
        self.machine.limiter().shrink_to_fit();
        self.sign_in.limiter().retain_recent();
        self.sign_in.limiter().shrink_to_fit();
    }
}

fn buckets<K>(key: K, rate: Rate) -> Result<Arc<GovernorConfig<K, NoOpMiddleware>>, RateError>
where
    K: KeyExtractor,
{
    let per_minute = u64::from(rate.per_minute);
    let nanos = 60_000_000_000_u64.checked_div(per_minute).ok_or(RateError)?;
    let mut builder = GovernorConfigBuilder::default().key_extractor(key);
    builder.period(Duration::from_nanos(nanos)).burst_size(rate.burst);
    builder.finish().map(Arc::new).ok_or(RateError)
}

fn refuse(error: &GovernorError) -> Response {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
            )
            .detail("Wait as long as `Retry-After` says.")
            // Governor rounds down, and a client that comes back too early would only be refused again.
            .retry_after(wait_time.saturating_add(1))
        }
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
            tracing::error!(error = %error, "a request came without the address of its peer");
            Problem::internal()
        }
    }
    .into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn from(peer: &str, forwarded: &str) -> IpAddr {
        let mut request = Request::new(());
        let address: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        request
            .headers_mut()
            .insert("x-forwarded-for", forwarded.parse().unwrap());
        let key = ByPeer {
            trusted_proxies: Arc::new(["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]),
        };
        key.extract(&request).unwrap()
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        let cases = [
            ("192.0.2.7:1", "203.0.113.9", "192.0.2.7"),
            ("10.0.0.1:1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1:1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.1:1", "nonsense", "10.0.0.1"),
        ];
        for (peer, forwarded, expected) in cases {
            assert_eq!(
                from(peer, forwarded),
                expected.parse::<IpAddr>().unwrap(),
                "{peer} {forwarded}"
            );
        }
    }

    #[test]
    fn a_rate_of_nothing_is_refused() {
        assert_eq!(
            buckets(
                ByTokenOrPeer,
                Rate {
                    burst: 0,
                    per_minute: 1
                }
            )
            .err(),
            Some(RateError)
        );
        assert_eq!(
            buckets(
                ByTokenOrPeer,
                Rate {
                    burst: 1,
                    per_minute: 0
                }
            )
            .err(),
            Some(RateError)
        );
    }
}
