use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{StatusCode, header};
use serde_json::{Map, Value};
use server::demo_idp::DemoIdp;

/// Members to set; `None` takes one out.
pub type Changes = BTreeMap<&'static str, Option<Value>>;

/// How the identity provider's answers differ from what it means to say. Tokens are signed again afterwards.
#[derive(Debug, Default, Clone)]
pub struct Tampering {
    pub discovery: Changes,
    /// Of the ID token.
    pub claims: Changes,
    /// Of the token endpoint's answer.
    pub tokens: Changes,
    pub user_info: Changes,
    /// All of the answer to a code, instead of what should come.
    pub refusal: Option<(StatusCode, &'static str, &'static str)>,
    /// All of the discovery document.
    pub discovery_body: Option<&'static str>,
    /// Whether everything answers 503.
    pub is_down: bool,
    /// Whether the token endpoint alone does.
    pub gives_no_tokens: bool,
}

/// The provider that is tampered with.
#[derive(Clone)]
pub struct Tampered {
    pub idp: Arc<DemoIdp>,
    pub with: Arc<Mutex<Tampering>>,
}

pub async fn tamper(State(provider): State<Tampered>, request: Request, next: Next) -> Response {
    let with = provider.with.lock().unwrap().clone();
    let path = request.uri().path().to_owned();
    if with.is_down || (path == "/token" && with.gives_no_tokens) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match (path.as_str(), with.refusal, with.discovery_body) {
        ("/token", Some((status, content_type, body)), _) => {
            (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
        }
        ("/.well-known/openid-configuration", _, Some(body)) => body.into_response(),
        ("/.well-known/openid-configuration", ..) => change(next.run(request).await, &with.discovery).await,
        ("/userinfo", ..) => change(next.run(request).await, &with.user_info).await,
        ("/token", ..) => {
            let answer = next.run(request).await;
            if answer.status() != StatusCode::OK {
                return answer;
            }
            let mut tokens = object(answer).await;
            if let Some(Value::String(token)) = tokens.get("id_token") {
                let payload = token.split('.').nth(1).unwrap();
                let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
                let mut claims: Map<String, Value> = serde_json::from_slice(&payload).unwrap();
                apply(&mut claims, &with.claims);
                let token = provider.idp.sign("JWT", &Value::Object(claims));
                tokens.insert("id_token".to_owned(), token.into());
            }
            apply(&mut tokens, &with.tokens);
            json(tokens)
        }
        _ => next.run(request).await,
    }
}

async fn change(answer: Response, changes: &Changes) -> Response {
    if answer.status() != StatusCode::OK || changes.is_empty() {
        return answer;
    }
    let mut members = object(answer).await;
    apply(&mut members, changes);
    json(members)
}

async fn object(answer: Response) -> Map<String, Value> {
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn apply(members: &mut Map<String, Value>, changes: &Changes) {
    for (name, value) in changes {
        match value {
            Some(value) => members.insert((*name).to_owned(), value.clone()),
            None => members.remove(*name),
        };
    }
}

fn json(members: Map<String, Value>) -> Response {
    let body = Body::from(Value::Object(members).to_string());
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
