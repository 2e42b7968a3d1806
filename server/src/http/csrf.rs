//! Refuses writes that another site's page started in a signed-in person's browser.
//!
//! It covers the routes that read the session cookie. Machine routes ignore cookies altogether and need none.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use super::origin::PublicOrigin;
use super::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request through when it is safe by its method, or comes from our own pages.
pub async fn refuse_cross_site(State(origin): State<PublicOrigin>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || from_our_pages(request.headers(), &origin) {
        return next.run(request).await;
    }
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross-site",
        "This request did not come from our own pages",
    )
    .detail("Open the page here and send the form again.")
    .into_response()
}

/// `Sec-Fetch-Site` cannot be set by a page's script, so it decides where it is sent. A browser too old to send it
/// still sends `Origin` with every post. A caller that sends neither is no browser of ours.
fn from_our_pages(headers: &HeaderMap, ours: &PublicOrigin) -> bool {
    match headers.get(&SEC_FETCH_SITE) {
        Some(site) => site == "same-origin",
        None => headers
            .get(header::ORIGIN)
            .is_some_and(|origin| origin.as_bytes() == ours.as_str().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_our_own_pages_may_write() {
        let ours = PublicOrigin::of(&"https://spillway.example/".parse().unwrap());
        let table = [
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some("https://evil.example"), true),
            (Some("same-site"), Some("https://spillway.example"), false),
            (Some("cross-site"), Some("https://spillway.example"), false),
            (Some("none"), None, false),
            (None, Some("https://spillway.example"), true),
            (None, Some("https://spillway.example.evil.example"), false),
            (None, Some("http://spillway.example"), false),
            (None, Some("null"), false),
            (None, None, false),
        ];
        for (site, origin, expected) in table {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(from_our_pages(&headers, &ours), expected, "{site:?} {origin:?}");
        }
    }
}
