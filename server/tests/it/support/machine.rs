use axum::Router;
use axum::body::Body;
use http::{Request, header};

use super::browser::{Answer, send};

/// A client of the machine API: a bearer token and no cookies.
pub struct Machine {
    app: Router,
    token: String,
}

impl Machine {
    pub fn new(app: Router, token: &str) -> Self {
        Self {
            app,
            token: token.to_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Request::get(path), Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.request(request, Body::from(body.to_string())).await
    }

    pub async fn post_raw(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        self.request(
            Request::post(path).header(header::CONTENT_TYPE, content_type),
            body.into(),
        )
        .await
    }

    pub async fn request(&self, request: http::request::Builder, body: Body) -> Answer {
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::HOST, "spillway.test")
            .body(body)
            .unwrap();
        send(&self.app, request).await
    }
}
