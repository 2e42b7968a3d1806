//! Errors of the API: RFC 9457 `application/problem+json`.
//!
//! `Problem` is the only exit for an error towards a machine. Its text is written for the caller: what a lower layer
//! said stays in the log.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::request_id::RequestId;

/// The media type of RFC 9457 section 3.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One problem, as the caller sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// A URI that names the kind of problem: `urn:spillway:problem:…`, or one that a specification defines.
    #[serde(rename = "type")]
    kind: Cow<'static, str>,
    /// The kind in a few words; the same for every problem of the kind.
    title: Cow<'static, str>,
    #[serde(serialize_with = "status_number")]
    status: StatusCode,
    /// What happened this time, and how to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Cow<'static, str>>,
    /// The request's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// What is wrong with which part of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// Further members that a specification asks for (RFC 9457 section 3.2).
    #[serde(flatten)]
    members: serde_json::Map<String, serde_json::Value>,
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// One fault in one part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// A JSON pointer (RFC 6901) into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// A stable word for programs: `too_long`, `unknown_field`, `end_before_start`.
    pub code: Cow<'static, str>,
    /// A sentence for people.
    pub detail: String,
}

fn status_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of our own kind: `code` is the last part of its `type` URI.
    pub fn new(status: StatusCode, code: &str, title: impl Into<Cow<'static, str>>) -> Self {
        Self::of_type(status, format!("urn:spillway:problem:{code}"), title)
    }

    /// A problem whose `type` some specification defines.
    pub fn of_type(
        status: StatusCode,
        kind: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind: kind.into(),
            title: title.into(),
            status,
            detail: None,
            instance: None,
            errors: Vec::new(),
            members: serde_json::Map::new(),
            headers: Vec::new(),
        }
    }

    /// Nothing is there, or the caller may not know of it.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here")
    }

    /// The caller did not say who it is.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in first")
    }

    /// The caller may see this, but not do it.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this")
    }

    /// Our own fault. What it was stands in the log beside the request's id.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side",
        )
        .detail("It has been logged under this request's id.")
    }

    /// Something we need is not there; trying again after `retry_after_secs` may help. Never an outcome.
    pub fn unavailable(retry_after_secs: u64) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Not available just now",
        )
        .detail("Nothing was decided and nothing was changed. Try again.")
        .retry_after(retry_after_secs)
    }

    /// The problem that stands for a bare status.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::UNAUTHORIZED => Self::unauthenticated(),
            StatusCode::FORBIDDEN => Self::forbidden(),
            StatusCode::INTERNAL_SERVER_ERROR => Self::internal(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, "too-large", "The request is too large")
                .detail("A request has at most 1 MiB."),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method-not-allowed", "This method is not offered here")
            }
            other => Self::new(other, "refused", other.canonical_reason().unwrap_or("Refused")),
        }
    }

    /// Says what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a fault in one part of the request.
    #[must_use]
    pub fn field(mut self, field: FieldProblem) -> Self {
        self.errors.push(field);
        self
    }

    /// Adds a member that a specification asks for.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, secs: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(secs))
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn body(&self) -> Body {
        Body::from(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl IntoResponse for Problem {
    /// The problem itself travels along in the answer's extensions, so that `stamp` can add the request's id.
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the request's id into a problem as its `instance`; leaves every other answer alone.
pub(super) fn stamp(mut response: Response, id: &RequestId) -> Response {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    problem.instance = Some(id.as_str().to_owned());
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = problem.body();
    response
}

/// Laid into an answer that says what is wrong in another form than a problem.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InOwnWords;

/// Turns the bare refusals of libraries (a wrong method, too large a body) into problems.
///
/// A refusal that says something itself has a content type; a server function's error has Leptos' own header. Both
/// are left alone, but for the body limit's plain text.
pub(crate) async fn replace_bare(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    let speaks =
        response.headers().contains_key(header::CONTENT_TYPE) && status != StatusCode::PAYLOAD_TOO_LARGE;
    let known = response.extensions().get::<Problem>().is_some()
        || response.extensions().get::<InOwnWords>().is_some();
    if !refused || speaks || known || response.headers().contains_key("serverfnerror") {
        return response;
    }
    let mut replaced = Problem::of_status(status).into_response();
    for name in [
        header::ALLOW,
        header::RETRY_AFTER,
        header::SET_COOKIE,
        header::WWW_AUTHENTICATE,
    ] {
        if let Some(value) = response.headers().get(&name) {
            replaced.headers_mut().insert(name, value.clone());
        }
    }
    replaced
}
