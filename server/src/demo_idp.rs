//! An OpenID provider for the demo and for tests: named people to click, no passwords.
//!
//! INVARIANT: it listens on a loopback address or not at all ([`bind`]), and answers loopback hosts alone. Whoever could
//! reach it could be anybody.
//!
//! It speaks what a real provider speaks: discovery, PKCE, single-use codes, RFC 9207, userinfo, RP-initiated logout.
//! Its tokens are built by hand and not with the library that verifies them, so that one misunderstanding cannot hide in
//! both. Keys, codes and tokens live in memory and end with the process.

mod authorize;
mod codes;
mod key;
mod sign_out;
mod tokens;

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::State;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::demo::people::DemoPerson;
use crate::http::{headers, loopback_only, problem, request_id, site};
use codes::Codes;
use service::clock::Clock;
use service::ids::RandomIds;

pub use key::SigningKey;

/// The authentication context of somebody who was clicked.
pub const CLICK: &str = "urn:spillway:demo:click";
/// The one that is asked for where a click is not enough. Nobody has a key here, but what asks for it works as with one.
pub const KEY: &str = "urn:spillway:demo:key";

/// Why the provider does not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoIdpError {
    /// Others could reach it.
    #[error(
        "the demo's identity provider listens on loopback addresses alone, and {0} is none; use 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The port is taken, or the machine does not let us.
    #[error("the demo's identity provider cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The machine's randomness gave no key.
    #[error("no signing key could be made")]
    Key,
}

/// The one client that the provider serves.
#[derive(Debug, Clone)]
pub struct DemoClient {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Where codes are sent.
    pub redirect_uri: String,
    /// Where a browser goes after signing out.
    pub post_logout_redirect_uri: String,
}

/// The provider.
#[derive(Debug)]
pub struct DemoIdp {
    issuer: String,
    client: DemoClient,
    people: Vec<DemoPerson>,
    key: RwLock<SigningKey>,
    codes: Codes,
    clock: Arc<dyn Clock>,
}

/// Opens the provider's port. Port 0 takes a free one.
///
/// Errors when the address is not this machine's own, or the port is taken.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, DemoIdpError> {
    if !address.ip().is_loopback() {
        return Err(DemoIdpError::NotLoopback(address));
    }
    TcpListener::bind(address)
        .await
        .map_err(|source| DemoIdpError::Listen { address, source })
}

impl DemoIdp {
    /// A provider with a fresh key. `issuer` is its own address without a slash at the end: `http://127.0.0.1:3001`.
    pub fn new(
        issuer: String,
        client: DemoClient,
        people: Vec<DemoPerson>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, DemoIdpError> {
        let key = RwLock::new(SigningKey::generate().ok_or(DemoIdpError::Key)?);
        Ok(Arc::new(Self {
            issuer,
            client,
            people,
            key,
            codes: Codes::default(),
            clock,
        }))
    }

    /// The provider's own name.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Takes a new key; the old one is forgotten and no longer published.
    pub fn rotate_key(&self) -> Result<(), DemoIdpError> {
        let fresh = SigningKey::generate().ok_or(DemoIdpError::Key)?;
        *self
            .key
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Signs claims with the present key, as a JWT of this `typ`.
    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        self.key
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .sign(typ, claims)
    }

    /// All of its addresses. `site` says where the style sheet lies.
    pub fn router(self: &Arc<Self>, site: &LeptosOptions) -> Router {
        let ids = request_id::Source {
            clock: self.clock.clone(),
            ids: Arc::new(RandomIds),
        };
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/authorize", get(authorize::ask))
            .route("/authorize/answer", get(authorize::answer))
            .route("/token", post(tokens::token))
            .route("/userinfo", get(tokens::userinfo).post(tokens::userinfo))
            .route("/sign-out", get(sign_out::sign_out))
            .with_state(self.clone())
            .fallback(|| async { problem::Problem::not_found() })
            .layer(from_fn_with_state(site::Site::new(site), site::serve_files))
            .layer(from_fn(loopback_only::refuse_others))
            .layer(from_fn(problem::replace_bare))
            .layer(from_fn_with_state(ids, request_id::assign))
            .layer(from_fn_with_state(headers::Secure(false), headers::secure))
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    fn person(&self, sub: &str) -> Option<&DemoPerson> {
        self.people.iter().find(|person| person.sub == sub)
    }
}

async fn discovery(State(idp): State<Arc<DemoIdp>>) -> Response {
    json_answer(&json!({
        "issuer": idp.issuer,
        "authorization_endpoint": idp.address("/authorize"),
        "token_endpoint": idp.address("/token"),
        "userinfo_endpoint": idp.address("/userinfo"),
        "jwks_uri": idp.address("/jwks"),
        "end_session_endpoint": idp.address("/sign-out"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "groups"],
        "acr_values_supported": [CLICK, KEY],
        "claims_supported": ["sub", "sid", "name", "email", "groups", "auth_time", "acr", "amr"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(idp): State<Arc<DemoIdp>>) -> Response {
    let key = idp.key.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    json_answer(&json!({ "keys": [key.public()] }))
}

fn json_answer(value: &Value) -> Response {
    (
        [(::http::header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
        .into_response()
}
