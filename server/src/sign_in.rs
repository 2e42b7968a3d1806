//! Who a browser belongs to: OpenID Connect sign-in, sessions, and all the ways to sign out.
//!
//! Identity is (`iss`, `sub`), which the directory links to a person; a mail address is never looked at. Spillway keeps
//! no passwords and issues no tokens: it believes one provider, and only what that provider has signed.
//!
//! To add a claim that later code needs: read it in `flow` (leniently, see `claims`), keep it in [`store::sessions::SessionClaims`], show it in
//! [`SignedIn`].

mod back_channel;
mod claims;
mod discovery;
mod exchange;
mod failure;
mod flow;
mod groups;
mod health;
mod id_token;
mod jws;
pub(crate) mod kept;
mod keys;
mod leaving;
mod logout_token;
mod outbound;
mod pending;
mod provider;
mod record;
mod roles;
mod routes;
mod session;
mod session_store;
mod step_up;

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::SecretString;
use sqlx::PgPool;
use url::Url;

pub use discovery::DocumentError;
pub use failure::{Failure, code_of, status_of};
pub use groups::GroupsError;
pub use health::watch;
pub use id_token::IdTokenError;
pub use jws::JwsError;
pub use logout_token::LogoutTokenError;
pub use outbound::{Outbound, OutboundError};
pub use record::{EndedBy, NotRecorded, Record, SessionEvent};
pub use roles::RoleMap;
pub use routes::{back_channel_routes, browser_routes};
pub use session::SignedIn;
pub use session_store::{SessionLimits, SessionStore, cookie_layer};
pub(crate) use step_up::Refusal;
pub use step_up::{NotProved, Prove};

use crate::http::origin::PublicOrigin;
use health::Health;
use provider::ProviderCache;
use service::clock::Clock;

/// How this server is known to its identity provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The provider's issuer, exactly as its discovery document names it.
    pub issuer: String,
    /// The provider's name on buttons.
    pub name: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there; a public client has none and relies on PKCE.
    pub client_secret: Option<SecretString>,
    /// What to ask for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists the person's groups.
    pub groups_claim: String,
    /// Which roles follow from which groups.
    pub roles: RoleMap,
    /// The authentication contexts (`acr`) that will do for a vote that takes a fresh sign-in; empty means any.
    pub step_up_acr_values: Vec<String>,
    /// Whether logout tokens are obeyed whose header does not say `typ: logout+jwt`.
    pub untyped_logout_tokens: bool,
}

/// Everything that sign-in needs.
#[derive(Debug)]
pub struct SignIn {
    settings: ProviderSettings,
    origin: PublicOrigin,
    provider: ProviderCache,
    health: Health,
    outbound: Outbound,
    pool: PgPool,
    clock: Arc<dyn Clock>,
}

/// How long a person may take at the provider.
pub(crate) const ATTEMPT_LIMIT: TimeDelta = TimeDelta::minutes(15);

/// The parameter of a page's address that says why a step-up came to nothing.
pub(crate) const REFUSED: &str = "refused";

impl SignIn {
    /// Nothing is fetched yet: the server starts while the provider is away, and says so when somebody signs in.
    ///
    /// Errors when a client for HTTP cannot be built, which means that the machine has no usable TLS.
    pub fn new(
        settings: ProviderSettings,
        public_url: &Url,
        pool: PgPool,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OutboundError> {
        Ok(Self {
            provider: ProviderCache::new(settings.issuer.clone()),
            health: Health::default(),
            settings,
            origin: PublicOrigin::of(public_url),
            outbound: Outbound::new()?,
            pool,
            clock,
        })
    }

    /// Whether the provider answers, as the latest probes found it.
    pub(crate) fn provider_answers(&self) -> bool {
        !self.health.is_down(self.clock.now())
    }

    /// Where the provider sends the browser back to.
    fn redirect_uri(&self) -> String {
        self.origin.join("/sign-in/callback")
    }

    /// The provider's name on buttons.
    pub fn provider_name(&self) -> &str {
        &self.settings.name
    }

    /// Which roles follow from which groups.
    pub fn roles(&self) -> &RoleMap {
        &self.settings.roles
    }
}
