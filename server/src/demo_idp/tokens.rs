//! From a code to tokens, and from an access token to claims.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::codes::{Grant, TOKEN_LIFE, random};
use super::{DemoIdp, json_answer};
use crate::demo::people::DemoPerson;

#[derive(Debug, Deserialize)]
pub(super) struct Exchange {
    grant_type: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// `POST /token`.
pub(super) async fn token(
    State(idp): State<Arc<DemoIdp>>,
    headers: HeaderMap,
    Form(exchange): Form<Exchange>,
) -> Response {
    if !is_client(&idp, &headers, &exchange) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if exchange.grant_type.as_deref() != Some("authorization_code") {
        return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let now = idp.clock.now();
    // Taken before anything else is looked at: a code that was tried once is used up, whatever came of it.
    let grant = exchange
        .code
        .as_deref()
        .and_then(|code| idp.codes.take(code, now));
    let Some(grant) = grant.filter(|grant| is_proven(grant, exchange.code_verifier.as_deref())) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    if exchange.redirect_uri.as_deref() != Some(&idp.client.redirect_uri) {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let Some(person) = idp.person(&grant.sub) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let access_token = idp.codes.issue_token(person.sub, now);
    let id_token = idp.sign("JWT", &id_claims(&idp, person, &grant, &access_token));
    let body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE.num_seconds(),
        "id_token": id_token,
    });
    json_answer(&body)
}

fn id_claims(idp: &DemoIdp, person: &DemoPerson, grant: &Grant, access_token: &str) -> Value {
    let now = idp.clock.now();
    let mut claims = about(person);
    if let Value::Object(claims) = &mut claims {
        let more = [
            ("iss", json!(idp.issuer)),
            ("aud", json!(idp.client.id)),
            ("iat", json!(now.timestamp())),
            ("exp", json!((now + TOKEN_LIFE).timestamp())),
            ("auth_time", json!(grant.auth_time.timestamp())),
            ("acr", json!(grant.acr)),
            ("amr", json!(["user"])),
            ("sid", json!(random())),
            ("at_hash", json!(half_hash(access_token))),
        ];
        claims.extend(more.map(|(name, value)| (name.to_owned(), value)));
        if let Some(nonce) = &grant.nonce {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
    }
    claims
}

fn about(person: &DemoPerson) -> Value {
    json!({ "sub": person.sub, "name": person.name, "email": person.email, "groups": person.groups })
}

/// `GET` and `POST /userinfo`.
pub(super) async fn userinfo(State(idp): State<Arc<DemoIdp>>, headers: HeaderMap) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let sub = token.and_then(|token| idp.codes.subject_of(token, idp.clock.now()));
    match sub.as_deref().and_then(|sub| idp.person(sub)) {
        Some(person) => json_answer(&about(person)),
        None => {
            let mut response = StatusCode::UNAUTHORIZED.into_response();
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            response
        }
    }
}

/// RFC 7636 section 4.6.
fn is_proven(grant: &Grant, verifier: Option<&str>) -> bool {
    verifier.is_some_and(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == grant.challenge)
}

/// In the header or in the body (RFC 6749 section 2.3.1). Our own id and secret are hexadecimal, so the encoding that
/// the header asks for changes nothing.
fn is_client(idp: &DemoIdp, headers: &HeaderMap, exchange: &Exchange) -> bool {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = match basic.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (exchange.client_id.as_deref(), exchange.client_secret.as_deref()),
    };
    id == Some(&idp.client.id) && secret == Some(&idp.client.secret)
}

/// OpenID Connect Core section 3.1.3.6: the left half of the hash, for an algorithm with SHA-256.
fn half_hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    URL_SAFE_NO_PAD.encode(digest.get(..16).unwrap_or_default())
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, json_answer(&json!({ "error": error }))).into_response()
}
