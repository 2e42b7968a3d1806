//! Which client calls, by its bearer token (RFC 6750).

use axum::extract::FromRequestParts;
use domain::digest::Digest;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use service::Service;
use service::caller::{ClientCaller, SentToken};

use super::large::{LargeMessages, Turn};
use super::refuse::Refusal;
use crate::http::problem::Problem;
use crate::http::request_id::RequestId;

/// Recognises clients; laid over the routes as an extension.
#[derive(Debug, Clone)]
pub(crate) struct Authenticator {
    service: Service,
    large: LargeMessages,
}

/// The calling client. Refusals are problems.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) ClientCaller);

/// The calling client, on routes of the evaluation API, when it is its message's turn. Refusals are message strings.
#[derive(Debug)]
pub(super) struct Evaluator(pub(super) ClientCaller, pub(super) Turn);

/// Why nobody was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unrecognised {
    /// No token was sent.
    Missing,
    /// No client has this token, or no longer.
    Unknown,
}

const REALM: HeaderValue = HeaderValue::from_static("Bearer realm=\"spillway\"");
const INVALID: HeaderValue = HeaderValue::from_static("Bearer realm=\"spillway\", error=\"invalid_token\"");

impl Unrecognised {
    const fn challenge(self) -> HeaderValue {
        match self {
            Self::Missing => REALM,
            Self::Unknown => INVALID,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Missing => "Send a client's token in the header Authorization, as `Bearer <token>`.",
            Self::Unknown => "This token belongs to no client.",
        }
    }
}

impl Authenticator {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            large: LargeMessages::default(),
        }
    }

    /// One digest and one look-up, whatever was sent: the time says nothing about any token.
    fn recognise(&self, parts: &Parts) -> Result<ClientCaller, Unrecognised> {
        let token = bearer(&parts.headers).ok_or(Unrecognised::Missing)?;
        let digest = Digest::of(token.as_bytes());
        let loaded = self.service.snapshots().current();
        let now = self.service.now();
        let client = loaded.client(&digest, now).ok_or(Unrecognised::Unknown)?;
        self.service.note_client_use(digest, now);
        let correlation = match parts.extensions.get::<RequestId>() {
            Some(request) => request.correlation(),
            None => domain::id::CorrelationId::from_uuid(self.service.ids().next(now)),
        };
        Ok(ClientCaller {
            client: client.clone(),
            token: Some(SentToken {
                sha256: digest,
                at: now,
            }),
            correlation,
        })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.trim())
}

fn caller(parts: &Parts) -> Result<ClientCaller, Unrecognised> {
    parts
        .extensions
        .get::<Authenticator>()
        .ok_or(Unrecognised::Missing)?
        .recognise(parts)
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        caller(parts).map(Self).map_err(|why| {
            Problem::unauthenticated()
                .detail(why.message())
                .header(header::WWW_AUTHENTICATE, why.challenge())
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Evaluator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let recognised = caller(parts).map_err(|why| {
            Refusal::new(StatusCode::UNAUTHORIZED, why.message())
                .header(header::WWW_AUTHENTICATE, why.challenge())
        })?;
        let large = parts
            .extensions
            .get::<Authenticator>()
            .map(|known| known.large.clone());
        let turn = large
            .unwrap_or_default()
            .turn(recognised.client.id, &parts.headers)
            .await;
        Ok(Self(recognised, turn))
    }
}
