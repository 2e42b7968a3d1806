//! Whether this process runs, and whether it can serve.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use sqlx::{Connection, PgPool};

use super::problem::Problem;

/// How long the database may take before this node is taken out of the balancer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/healthz` says that the process runs: restarting it because the database is away would help nobody. `/readyz` says
/// that it can serve.
pub fn routes(pool: PgPool) -> Router {
    Router::new()
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .with_state(pool)
}

async fn healthy() -> Response {
    ok()
}

async fn ready(State(pool): State<PgPool>) -> Response {
    let asked = async { pool.acquire().await?.ping().await };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(())) => ok(),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database is away");
            Problem::unavailable(2).into_response()
        }
        Err(_) => {
            tracing::warn!("the database is slow");
            Problem::unavailable(2).into_response()
        }
    }
}

fn ok() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "ok\n").into_response()
}
