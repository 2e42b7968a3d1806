//! The HTTP shell around everything: what every answer has, whoever gives it.
//!
//! `router` builds the production router; tests run the very same. From the outside in: security headers, request id,
//! trace, panics, bare refusals made into problems, time limit, body limit. Inside there are two kinds of routes that
//! never mix:
//!
//! - **machine routes** (`/access`, `/api/v1`, `/.well-known`, `/scim`): credentials in `Authorization`, never a cookie,
//!   so no page of another site can use a browser's session on them;
//! - **browser routes**: the session cookie, and therefore the CSRF layer; pages, posted forms, server functions, sign-in.
//!
//! To add a machine route, give it to [`Mounts::machine`]. To add a form, register it in [`Mounts::forms`]. A page comes
//! with the app's own route table.

pub mod csrf;
pub mod extract;
pub mod forms;
pub mod headers;
pub mod health;
mod limits;
pub mod loopback_only;
pub mod origin;
mod pages;
pub mod plain_page;
pub mod problem;
pub mod rate_limit;
pub mod request_id;
pub(crate) mod site;
pub(crate) mod time;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::Method;
use leptos::config::LeptosOptions;
use sqlx::PgPool;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::trace::TraceLayer;
use url::Url;

use crate::metrics::{self, Figures};
use crate::sign_in::{self, Prove, Record, SessionLimits, SessionStore, SignIn};
use forms::Forms;
use headers::Secure;
use origin::PublicOrigin;
use pages::Pages;
use problem::Problem;
use rate_limit::RateLimits;
use request_id::RequestId;
use service::clock::Clock;
use service::ids::Ids;
use visitor::Visitors;

pub use limits::TimeLimits;
pub use pages::Provide;
pub use visitor::{Describe, Profile, ProfileUnavailable};

/// The largest request, in bytes.
pub const LARGEST_REQUEST_BYTES: usize = 1 << 20;

/// What the shell itself needs.
#[derive(Clone)]
pub struct Shell {
    /// Where the outside finds us.
    pub public_url: Url,
    /// Where the built site lies, and how its files are called.
    pub leptos: LeptosOptions,
    /// The database, for sessions.
    pub pool: PgPool,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What request ids are made of.
    pub ids: Arc<dyn Ids>,
    /// The identity provider's side.
    pub sign_in: Arc<SignIn>,
    /// How long sessions last.
    pub session_limits: SessionLimits,
    /// The buckets. The caller keeps a clone and sweeps it.
    pub rate_limits: RateLimits,
    /// How long requests and answers may take.
    pub time_limits: TimeLimits,
    /// Whether this is the demo, which answers its own machine alone.
    pub loopback_only: bool,
}

/// What other parts hang into the shell.
#[derive(Clone)]
pub struct Mounts {
    /// Routes with their state, whose callers send credentials in `Authorization`.
    pub machine: Router,
    /// What posted forms do.
    pub forms: Forms,
    /// Contexts for pages and server functions besides the shell's own: the service, who acts.
    pub provide: Provide,
    /// Tells the ledger of sign-ins and sign-outs.
    pub record: Record,
    /// Proves the step-ups of votes.
    pub prove: Prove,
    /// What the frame of a page says of the person: team, waiting items.
    pub describe: Describe,
    /// Whether decisions would be answered, and a node's figures.
    pub figures: Figures,
}

/// The production router.
pub fn router(shell: Shell, mounts: Mounts) -> Router {
    let origin = PublicOrigin::of(&shell.public_url);
    let pages = Pages::new(shell.leptos.clone(), mounts.provide);
    let visitors = Visitors::new(shell.sign_in.clone(), mounts.describe);
    let session_store = SessionStore::new(shell.pool.clone(), shell.clock.clone(), shell.session_limits);

    let browser = pages
        .routes(mounts.forms)
        .merge(
            sign_in::browser_routes(shell.sign_in.clone(), mounts.record.clone(), mounts.prove)
                .layer(shell.rate_limits.sign_in()),
        )
        .layer(from_fn_with_state(visitors, visitor::recognise))
        .layer(sign_in::cookie_layer(session_store, &shell.public_url))
        .layer(from_fn_with_state(origin, csrf::refuse_cross_site))
        .layer(from_fn_with_state(
            site::Site::new(&shell.leptos),
            site::serve_files,
        ))
        .layer(from_fn(unknown_machine_path));

    let back_channel =
        sign_in::back_channel_routes(shell.sign_in, mounts.record).layer(shell.rate_limits.sign_in());
    let machine = mounts.machine.layer(shell.rate_limits.machine());

    let routes = Router::new()
        .merge(machine)
        .merge(back_channel)
        .merge(health::routes(mounts.figures.readiness.clone()))
        .merge(metrics::routes(mounts.figures))
        .fallback_service(browser)
        .layer(RequestBodyLimitLayer::new(LARGEST_REQUEST_BYTES));

    let ids = request_id::Source {
        clock: shell.clock,
        ids: shell.ids,
    };
    let https = Secure(shell.public_url.scheme() == "https");
    let around = ServiceBuilder::new()
        .layer(from_fn_with_state(https, headers::secure))
        .layer(from_fn_with_state(ids, request_id::assign))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::replace_bare))
        .layer(from_fn_with_state(shell.time_limits, limits::in_time));
    match shell.loopback_only {
        true => routes.layer(
            around
                .layer(from_fn(loopback_only::refuse_others))
                .layer(from_fn_with_state(
                    PublicOrigin::of(&shell.public_url),
                    loopback_only::by_one_name,
                )),
        ),
        false => routes.layer(around),
    }
}

/// What no machine route has is nothing, and never a page: a machine has no session, no origin and no use for a redirect.
async fn unknown_machine_path(request: Request, next: Next) -> Response {
    match is_machines(request.method(), request.uri().path()) {
        true => Problem::not_found().into_response(),
        false => next.run(request).await,
    }
}

/// Whether only a machine sends this: below a prefix of the machine routes, or a write to a path with an empty segment, as
/// it comes of a base address with a slash at its end. Server functions are the pages' own.
fn is_machines(method: &Method, path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let pages_own = || leptos::server_fn::axum::server_fn_paths().any(|(own, _)| own == path);
    match first {
        "access" | ".well-known" | "scim" | "healthz" | "readyz" | "metrics" => true,
        "api" => !pages_own(),
        _ => path.contains("//") && !matches!(*method, Method::GET | Method::HEAD),
    }
}

/// The path without its query: a query may hold a code of the provider or what somebody searched for.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id = request.extensions().get::<RequestId>();
    let correlation = id.map(|id| id.correlation().to_string());
    let id = id.map(RequestId::as_str);
    tracing::info_span!("request", id, correlation, method = %request.method(), path = request.uri().path())
}

/// A panic is a fault of ours in one request; the process and all other requests go on.
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("without a text");
    tracing::error!(panic = text, "a handler panicked");
    Problem::internal().into_response()
}
