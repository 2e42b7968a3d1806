//! `/api/v1`: what machines tell Spillway beyond AuthZEN. A bearer token in `Authorization`, no cookie; refusals are
//! problems (RFC 9457). It changes by addition only: clients tolerate new members and values.

mod enforcements;
mod incidents;
mod problems;
mod signals;

use axum::routing::{post, put};
use axum::{Extension, Router};
use service::Service;

use crate::access::Authenticator;

/// All routes below `/api/v1`.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/api/v1/enforcements", post(enforcements::report))
        .route("/api/v1/incidents/{id}", put(incidents::tell))
        .route("/api/v1/signals", post(signals::receive))
        .with_state(service.clone())
        .layer(Extension(Authenticator::new(service)))
}
