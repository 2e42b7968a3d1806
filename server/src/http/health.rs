//! Whether this process runs, and whether it would answer decisions.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;

use super::problem::{FieldProblem, Problem};
use crate::readiness::Readiness;

/// `/healthz` says that the process runs: restarting it because the database is away would help nobody. `/readyz` says
/// that it would answer decisions, or each reason why not.
pub fn routes(readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .with_state(readiness)
}

async fn healthy() -> Response {
    ok()
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let reasons = readiness.reasons().await;
    if reasons.is_empty() {
        return ok();
    }
    let detail = reasons
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    let problem = Problem::unavailable(2).detail(format!("This node would not answer decisions: {detail}."));
    reasons
        .iter()
        .fold(problem, |problem, reason| {
            problem.field(FieldProblem {
                pointer: String::new(),
                code: reason.code().into(),
                detail: reason.to_string(),
            })
        })
        .into_response()
}

fn ok() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "ok\n").into_response()
}
