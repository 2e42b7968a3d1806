//! What the provider says of itself: its addresses and its keys, fetched when first needed and kept for a while.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use tokio::sync::Mutex;
use url::Url;

use super::discovery::{Document, DocumentError};
use super::keys::Keys;
use super::outbound::{Outbound, OutboundError};

/// Keys that a provider has withdrawn are believed for at most this long.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// An unknown key makes us ask again, and anybody can name an unknown key: not more often than this.
const BETWEEN_REFRESHES: TimeDelta = TimeDelta::minutes(1);

/// The provider as of one moment.
#[derive(Debug)]
pub(super) struct Provider {
    pub document: Document,
    pub keys: Keys,
    fetched_at: DateTime<Utc>,
}

/// Why the provider is not known.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No connection, too slow, or broken off.
    #[error("the identity provider cannot be reached")]
    Unreachable(#[source] OutboundError),
    /// It is there and says that it does not work.
    #[error("the identity provider answers {0} to {1}")]
    Fault(StatusCode, Url),
    /// It is there, and what is at this address is not what should be.
    #[error("what the identity provider answers at {address} cannot be used")]
    Unusable {
        /// Where.
        address: Url,
        /// What is wrong.
        #[source]
        why: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An address of the configuration is none.
    #[error("the configured issuer is not an address")]
    Address(#[from] url::ParseError),
}

impl ProviderError {
    /// Whether the provider did answer, and its operator or ours has to correct something.
    pub fn is_unusable(&self) -> bool {
        match self {
            Self::Unusable { .. } | Self::Address(_) => true,
            Self::Unreachable(_) | Self::Fault(..) => false,
        }
    }
}

/// The provider, fetched when first needed. One fetch at a time.
#[derive(Debug)]
pub(super) struct ProviderCache {
    issuer: String,
    current: ArcSwapOption<Provider>,
    last_attempt_at: Mutex<Option<DateTime<Utc>>>,
}

impl ProviderCache {
    pub(super) fn new(issuer: String) -> Self {
        Self {
            issuer,
            current: ArcSwapOption::empty(),
            last_attempt_at: Mutex::new(None),
        }
    }

    /// What is known of it, however old; nothing before it could be fetched.
    pub(super) fn known(&self) -> Option<Arc<Provider>> {
        self.current.load_full()
    }

    /// The provider. What is a little old serves when nothing newer can be had.
    pub(super) async fn current(
        &self,
        outbound: &Outbound,
        now: DateTime<Utc>,
    ) -> Result<Arc<Provider>, ProviderError> {
        let mut last_attempt_at = self.last_attempt_at.lock().await;
        if let Some(known) = self.known() {
            let tried_lately = last_attempt_at.is_some_and(|at| now - at < BETWEEN_REFRESHES);
            if now - known.fetched_at < FRESH || tried_lately {
                return Ok(known);
            }
            *last_attempt_at = Some(now);
            return Ok(self.fetch(outbound, now).await.unwrap_or_else(|error| {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the identity provider's keys are old"
                );
                known
            }));
        }
        // A failed first fetch is tried again at once: nothing works without it, and the rate limit on sign-in holds.
        let fetched = self.fetch(outbound, now).await?;
        *last_attempt_at = Some(now);
        Ok(fetched)
    }

    /// The provider with newer keys, for a token whose key is unknown; nothing where that was tried just now.
    pub(super) async fn refreshed(&self, outbound: &Outbound, now: DateTime<Utc>) -> Option<Arc<Provider>> {
        let mut last_attempt_at = self.last_attempt_at.lock().await;
        if last_attempt_at.is_some_and(|at| now - at < BETWEEN_REFRESHES) {
            return None;
        }
        *last_attempt_at = Some(now);
        match self.fetch(outbound, now).await {
            Ok(fetched) => Some(fetched),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no newer keys of the identity provider"
                );
                None
            }
        }
    }

    async fn fetch(&self, outbound: &Outbound, now: DateTime<Utc>) -> Result<Arc<Provider>, ProviderError> {
        let address = discovery_address(&self.issuer)?;
        let body = document(outbound, &address).await?;
        let document =
            Document::read(&body, &self.issuer).map_err(|error: DocumentError| unusable(&address, error))?;
        let keys = self::document(outbound, &document.jwks_uri).await?;
        let keys = Keys::read(&keys).map_err(|error| unusable(&document.jwks_uri, error))?;
        let provider = Arc::new(Provider {
            document,
            keys,
            fetched_at: now,
        });
        self.current.store(Some(provider.clone()));
        Ok(provider)
    }
}

/// Where an issuer's discovery document is (OpenID Connect Discovery 1.0 section 4).
pub(super) fn discovery_address(issuer: &str) -> Result<Url, url::ParseError> {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    format!("{issuer}/.well-known/openid-configuration").parse()
}

/// The document at an address of the provider.
async fn document(outbound: &Outbound, address: &Url) -> Result<Vec<u8>, ProviderError> {
    let answer = outbound
        .get(address.clone(), None)
        .await
        .map_err(|error| match error {
            OutboundError::Http(_) => ProviderError::Unreachable(error),
            OutboundError::TooLarge => unusable(address, error),
        })?;
    if answer.status.is_server_error() {
        return Err(ProviderError::Fault(answer.status, address.clone()));
    }
    if answer.status != StatusCode::OK {
        return Err(unusable(address, format!("the status is {}", answer.status)));
    }
    Ok(answer.body)
}

fn unusable(address: &Url, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ProviderError {
    ProviderError::Unusable {
        address: address.clone(),
        why: why.into(),
    }
}
