//! Security headers, on every answer: pages, problems, files, redirects.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What a page may do: run scripts that carry this request's nonce and what those load, and WebAssembly.
/// `form-action 'self'` also governs redirects after a post in Chromium, which is why sign-in starts with a link.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; \
         img-src 'self' data:; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"
    )
}

/// What everything else may do: nothing but show itself with our style sheet.
const STRICT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
                             base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Two years, the least that the preload list takes.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Whether the outside reaches us over https, and so may be told to insist on it.
#[derive(Debug, Clone, Copy)]
pub struct Secure(pub bool);

/// Adds what is missing. A page has set its own content security policy by now, with its nonce.
pub async fn secure(State(Secure(https)): State<Secure>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    set_if_absent(headers, header::CONTENT_SECURITY_POLICY, STRICT_POLICY);
    // What a signed-in person sees must not come back out of a shared cache, nor by the back button after sign-out.
    set_if_absent(headers, header::CACHE_CONTROL, "no-store");
    response
}

fn set_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert_with(|| HeaderValue::from_static(value));
}
