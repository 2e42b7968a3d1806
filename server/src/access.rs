//! What policy enforcement points ask: OpenID AuthZEN Authorization API 1.0 and its Access Request and Approval Profile.
//!
//! Machine routes: a bearer token in `Authorization`, no cookie. Errors of the evaluation API are a status and a message
//! string, as that specification has it; those of access requests are problems, as the profile has it.

mod answer;
mod authenticate;
mod evaluation;
mod evaluations;
mod large;
mod metadata;
mod read;
mod refuse;
pub mod requests;

use axum::routing::{get, post};
use axum::{Extension, Router};
use service::decisions::Decider;
use url::Url;

pub(crate) use authenticate::{Authenticator, Caller};

/// Where clients find us, without a slash at the end.
#[derive(Debug, Clone)]
pub(crate) struct Base(std::sync::Arc<str>);

impl Base {
    fn new(public_url: &Url) -> Self {
        Self(public_url.as_str().trim_end_matches('/').into())
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// What evaluation needs.
#[derive(Debug, Clone)]
struct Access {
    decider: Decider,
    base: Base,
}

/// All routes below `/access/v1`, and the metadata. `public_url` is where clients find us.
pub fn routes(decider: Decider, public_url: &Url) -> Router {
    let service = decider.service().clone();
    let base = Base::new(public_url);
    let evaluation = Router::new()
        .route("/access/v1/evaluation", post(evaluation::evaluate))
        .route("/access/v1/evaluations", post(evaluations::evaluate))
        .with_state(Access {
            decider,
            base: base.clone(),
        });
    let metadata = Router::new()
        .route("/.well-known/authzen-configuration", get(metadata::metadata))
        .with_state(base);
    evaluation
        .merge(requests::routes(service.clone(), public_url))
        .layer(Extension(Authenticator::new(service)))
        .merge(metadata)
}
