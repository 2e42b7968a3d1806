//! How long an answer may take.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header;

use super::problem::Problem;

/// Longer than any page needs and shorter than what balancers in front of us wait (60 s by default in most).
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers 503 in the handler's stead when it takes too long. A stream of events is meant to last.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    let streams = request
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"text/event-stream"));
    if streams {
        return next.run(request).await;
    }
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("an answer took too long");
            Problem::unavailable(5).into_response()
        }
    }
}
