//! One id per HTTP request, through the answer, the logs, the problems and the ledger.
//!
//! A caller may name a request in words of its own: the answer and the logs repeat them. The ledger has only ids of ours,
//! so that no caller can make its request look like a part of somebody else's.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::id::CorrelationId;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use service::clock::Clock;
use service::ids::Ids;

use super::problem::{self, Problem};

/// The header that carries the id, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id accepted from a caller, in characters.
const LONGEST: usize = 128;

/// The id of the request being answered. Handlers take it as an extractor and hand its correlation to the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId {
    text: String,
    correlation: CorrelationId,
}

/// What new ids are made of.
#[derive(Debug, Clone)]
pub struct Source {
    /// The time in them.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub ids: Arc<dyn Ids>,
}

impl RequestId {
    /// The id as it stands in logs and in the answer's header.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The id as the ledger knows it: always one of ours. The logs have both where the caller named the request.
    pub const fn correlation(&self) -> CorrelationId {
        self.correlation
    }

    fn new(source: &Source) -> Self {
        let correlation = CorrelationId::from_uuid(source.ids.next(source.clock.now()));
        Self {
            text: correlation.to_string(),
            correlation,
        }
    }

    /// The caller's own id where it may be kept, else a new one.
    fn of(headers: &HeaderMap, source: &Source) -> Self {
        let new = Self::new(source);
        match accepted(headers) {
            Some(text) => Self {
                text: text.to_owned(),
                ..new
            },
            None => new,
        }
    }
}

/// The caller's id when it is 1 to [`LONGEST`] visible ASCII characters: anything else could forge log lines. Pages escape it.
fn accepted(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(&HEADER)?.to_str().ok()?;
    let sane = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    sane.then_some(text)
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("the request id layer is missing");
            Problem::internal()
        })
    }
}

/// Gives the request its id, and stamps it on the answer: as a header, and as `instance` where it is a problem.
pub async fn assign(State(source): State<Source>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers(), &source);
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

    fn kept(text: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(text).unwrap());
        accepted(&headers).map(str::to_owned)
    }

    #[test]
    fn a_callers_id_is_echoed_when_it_is_visible_ascii() {
        for good in [
            "7",
            "abc-123_X.9",
            "Root=1-67891233-abcdef012345678912345678;Sampled=1",
            "<script>alert</script>",
            &"x".repeat(128),
        ] {
            assert_eq!(kept(good).as_deref(), Some(good));
        }
        for bad in ["", "has space in it", "tab\there", &"x".repeat(129)] {
            assert_eq!(kept(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_callers_id_goes_into_the_ledger() {
        let source = Source {
            clock: Arc::new(service::clock::SystemClock),
            ids: Arc::new(service::ids::RandomIds),
        };
        let first = RequestId::new(&source);
        for text in [first.as_str(), "build-4711"] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_str(text).unwrap());
            let named = RequestId::of(&headers, &source);
            assert_eq!(named.as_str(), text);
            assert_ne!(named.correlation(), first.correlation());
        }
    }
}
