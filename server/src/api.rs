//! `/api/v1`: what machines tell Spillway, and ask it, beyond AuthZEN. A bearer token in `Authorization`, no cookie; refusals are
//! problems (RFC 9457). It changes by addition only: clients tolerate new members and values.

mod enforcements;
mod incidents;
mod opt_outs;
mod problems;
mod signals;

use axum::routing::{get, post, put};
use axum::{Extension, Router};
use service::Service;
use url::Url;

use crate::access::Authenticator;

/// All routes below `/api/v1`.
pub fn routes(service: Service, public_url: &Url) -> Router {
    let opt_outs = Router::new()
        .route("/api/v1/opt-outs", get(opt_outs::over))
        .route("/api/v1/opt-outs/{id}", get(opt_outs::met))
        .with_state(opt_outs::OptOuts::new(service.clone(), public_url));
    Router::new()
        .route("/api/v1/enforcements", post(enforcements::report))
        .route("/api/v1/incidents/{id}", put(incidents::tell))
        .route("/api/v1/signals", post(signals::receive))
        .with_state(service.clone())
        .merge(opt_outs)
        .layer(Extension(Authenticator::new(service)))
}
