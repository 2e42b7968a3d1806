//! How long a request and its answer may take.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

use super::problem::Problem;

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    /// How long a request's body may take to arrive, as a whole.
    pub body: Duration,
    /// How long the answer may take, the body's arrival included.
    pub answer: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            body: Duration::from_secs(10),
            // Longer than any page needs and shorter than what balancers in front of us wait (60 s by default in most).
            answer: Duration::from_secs(30),
        }
    }
}

/// Answers in the handler's stead when it takes too long: 408 where the request came too slowly, else 503.
pub(super) async fn in_time(State(limits): State<TimeLimits>, request: Request, next: Next) -> Response {
    let late = Arc::new(AtomicBool::new(false));
    let request = if request.body().is_end_stream() {
        request
    } else {
        request.map(|body| {
            Body::new(Timed {
                body,
                end: Box::pin(tokio::time::sleep(limits.body)),
                late: Arc::clone(&late),
            })
        })
    };
    match tokio::time::timeout(limits.answer, next.run(request)).await {
        // Whatever the handler made of a body that broke off.
        Ok(_) if late.load(Ordering::Relaxed) => slow_body(),
        Ok(response) => response,
        Err(_) => {
            tracing::error!("an answer took too long");
            Problem::unavailable(5).into_response()
        }
    }
}

fn slow_body() -> Response {
    let problem = Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "request-timeout",
        "The request came too slowly",
    )
    .detail("Nothing was done. Send the request again.");
    // What is still to come of this request would be taken for the next one.
    let close = (header::CONNECTION, HeaderValue::from_static("close"));
    ([close], problem.into_response()).into_response()
}

/// A body that breaks off when it takes too long.
struct Timed {
    body: Body,
    end: Pin<Box<Sleep>>,
    late: Arc<AtomicBool>,
}

#[derive(Debug, thiserror::Error)]
#[error("the request's body took too long")]
struct TooSlow;

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        ready!(self.end.as_mut().poll(cx));
        self.late.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
