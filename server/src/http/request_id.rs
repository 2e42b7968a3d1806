//! One id per HTTP request, through the answer, the logs, the problems and the ledger.

use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::convert::Infallible;

use super::problem;

/// The header that carries the id, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id accepted from a caller, in characters.
const LONGEST: usize = 64;

/// The id of the request being answered. Handlers take it as an extractor and hand it to the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The id as it stands in logs and in the answer's header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Accepts the caller's id when it is 8 to 64 letters, digits, `-`, `_` or `.`: anything else could forge log
    /// lines or break out of a page that shows it.
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(&HEADER)?.to_str().ok()?;
        let sane = (8..=LONGEST).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        sane.then(|| Self(text.to_owned()))
    }

    fn new() -> Self {
        Self(format!("req-{}", hex::encode(rand::random::<[u8; 16]>())))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    /// The layer below always ran before a handler; a router without it (a unit test) gets a fresh id.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::new))
    }
}

/// Gives the request its id, and stamps it on the answer: as a header, and as `instance` where it is a problem.
pub async fn assign(mut request: Request, next: Next) -> Response {
    let id = RequestId::accepted(request.headers()).unwrap_or_else(RequestId::new);
    request.extensions_mut().insert(id.clone());
    let mut response = problem::stamp(next.run(request).await, &id);
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn accepted(text: &str) -> Option<RequestId> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(text).unwrap());
        RequestId::accepted(&headers)
    }

    #[test]
    fn a_callers_id_is_taken_only_when_it_is_harmless() {
        assert_eq!(accepted("abc-123_X.9").unwrap().as_str(), "abc-123_X.9");
        for bad in [
            "short",
            "has space in it",
            "<script>alert</script>",
            &"x".repeat(65),
        ] {
            assert_eq!(accepted(bad), None, "{bad}");
        }
    }
}
