//! What the provider says of itself: its addresses and its keys, fetched when first needed and kept for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwapOption;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, AuthType, ClientId, ClientSecret, DiscoveryError,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl,
    ProviderMetadata, RedirectUrl, StandardErrorResponse, StandardTokenResponse,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::Url;

use super::{Outbound, OutboundError, ProviderSettings};

/// Keys that a provider has withdrawn are believed for at most this long.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// An unknown key makes us ask again, and anybody can name an unknown key: not more often than this.
const BETWEEN_REFRESHES: TimeDelta = TimeDelta::minutes(1);

/// How long a sign-in that the provider did not answer says that it is down, in seconds, unless another one is answered.
const FAILED_LATELY_SECS: i64 = 5 * 60;

/// Members of the discovery document beyond OpenID Connect Discovery 1.0.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Extras {
    /// RP-Initiated Logout 1.0 section 2.1.
    pub end_session_endpoint: Option<Url>,
    /// RFC 9207 section 3: its authorization answers carry `iss`, and one without it is not from there.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for Extras {}

/// Claims that the library does not name: the groups, the provider's session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct OtherClaims {
    /// As they came.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}
impl AdditionalClaims for OtherClaims {}

type Metadata = ProviderMetadata<
    Extras,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type TokenFields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// The library's client with our claims.
pub(super) type Client = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider as of one moment.
#[derive(Debug)]
pub(super) struct Provider {
    pub client: Client,
    pub extras: Extras,
    pub keys: CoreJsonWebKeySet,
    fetched_at: DateTime<Utc>,
}

/// Why the provider is not known.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Out of reach, or its discovery document is not one.
    #[error("the discovery document of the identity provider could not be had")]
    Discovery(#[source] Box<DiscoveryError<OutboundError>>),
    /// An address of the configuration is none.
    #[error("the configured issuer or public address is not a URL")]
    Address(#[from] url::ParseError),
}

/// The provider, fetched when first needed. One fetch at a time.
#[derive(Debug)]
pub(super) struct ProviderCache {
    settings: ProviderSettings,
    redirect: String,
    current: ArcSwapOption<Provider>,
    last_attempt_at: Mutex<Option<DateTime<Utc>>>,
    /// When a code could not be exchanged last for want of an answer, in seconds of the Unix epoch; 0: none since it could.
    failed_at: AtomicI64,
}

impl ProviderCache {
    pub(super) fn new(settings: ProviderSettings, public_url: &Url) -> Self {
        let redirect = crate::http::origin::PublicOrigin::of(public_url).join("/sign-in/callback");
        Self {
            settings,
            redirect,
            current: ArcSwapOption::empty(),
            last_attempt_at: Mutex::new(None),
            failed_at: AtomicI64::new(0),
        }
    }

    /// The provider. What is a little old serves when nothing newer can be had.
    pub(super) async fn current(
        &self,
        outbound: &Outbound,
        now: DateTime<Utc>,
    ) -> Result<Arc<Provider>, ProviderError> {
        let mut last_attempt_at = self.last_attempt_at.lock().await;
        if let Some(known) = self.current.load_full() {
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

    /// Remembers whether the provider answered when a code was exchanged: its discovery document can be had while nobody can
    /// sign in.
    pub(super) fn exchanged(&self, answered: bool, now: DateTime<Utc>) {
        let at = if answered { 0 } else { now.timestamp() };
        self.failed_at.store(at, Ordering::Relaxed);
    }

    /// Whether its discovery document can be had at this moment, and nobody's sign-in has failed lately for want of an answer.
    pub(super) async fn answers(&self, outbound: &Outbound, now: DateTime<Utc>) -> bool {
        if now.timestamp() - self.failed_at.load(Ordering::Relaxed) < FAILED_LATELY_SECS {
            tracing::warn!("the identity provider did not answer a sign-in lately");
            return false;
        }
        match self.fetch(outbound, now).await {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the identity provider is down"
                );
                false
            }
        }
    }

    async fn fetch(&self, outbound: &Outbound, now: DateTime<Utc>) -> Result<Arc<Provider>, ProviderError> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone())?;
        let metadata = Metadata::discover_async(issuer, outbound)
            .await
            .map_err(|error| ProviderError::Discovery(Box::new(error)))?;
        let provider = Arc::new(Provider {
            extras: metadata.additional_metadata().clone(),
            keys: metadata.jwks().clone(),
            client: self.client(metadata)?,
            fetched_at: now,
        });
        self.current.store(Some(provider.clone()));
        Ok(provider)
    }

    fn client(&self, metadata: Metadata) -> Result<Client, ProviderError> {
        // RFC 6749 section 2.3.1 makes the header the default; some providers only take the body.
        let body_only = metadata
            .token_endpoint_auth_methods_supported()
            .is_some_and(|methods| {
                !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                    && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
            });
        let secret = self.settings.client_secret.as_ref();
        let client = Client::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned())),
        )
        .set_redirect_uri(RedirectUrl::new(self.redirect.clone())?);
        Ok(if body_only {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        })
    }
}
