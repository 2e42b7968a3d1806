//! Pages and server functions of the app, with the same contexts for each way that leads to them.

use std::sync::Arc;

use app::form::Submission;
use app::page::SignInView;
use app::session::CurrentUser;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context};

use super::forms::{self, Forms};
use super::headers::page_policy;
use super::plain_page::PlainPage;
use super::problem::Problem;
use super::request_id::RequestId;

/// Provides further contexts for one request: the service, who acts.
pub type Provide = Arc<dyn Fn(&Parts) + Send + Sync>;

/// Renders pages.
#[derive(Clone)]
pub(super) struct Pages {
    options: LeptosOptions,
    provide: Provide,
}

impl Pages {
    pub(super) fn new(options: LeptosOptions, provide: Provide) -> Self {
        Self { options, provide }
    }

    /// All pages, their posted forms, all server functions, and the page for an address that is none.
    pub(super) fn routes(&self, forms: Forms) -> Router {
        let options = self.options.clone();
        let listing = generate_route_list(app::App);
        let app =
            Router::new().leptos_routes_with_context(&self.options, listing, self.contexts(), move || {
                app::shell(options.clone())
            });
        forms::routes(forms, self)
            .merge(app.with_state(self.options.clone()))
            .fallback(no_page)
            .with_state(self.clone())
            .layer(from_fn(refuse_control_characters))
    }

    /// Renders the page at the request's own address.
    pub(super) async fn render(&self, mut request: Request, status: StatusCode) -> Response {
        *request.method_mut() = Method::GET;
        *request.body_mut() = Body::empty();
        let options = self.options.clone();
        let render = render_app_async_with_context(self.contexts(), move || app::shell(options.clone()));
        let mut response = render(request).await;
        // A page that found a problem has set its own status.
        if response.status() == StatusCode::OK {
            *response.status_mut() = status;
        }
        response
    }

    /// The contexts of one request, out of what the layers put into its extensions. It also runs once at the start
    /// without any request, to list the routes.
    fn contexts(&self) -> impl Fn() + Clone + Send + Sync + 'static {
        let provide = self.provide.clone();
        move || {
            let Some(parts) = use_context::<Parts>() else {
                return;
            };
            provide_context::<Option<CurrentUser>>(parts.extensions.get().cloned());
            if let Some(id) = parts.extensions.get::<RequestId>() {
                provide_context(app::error::RequestId(id.as_str().to_owned()));
            }
            if let Some(view) = parts.extensions.get::<SignInView>() {
                provide_context(view.clone());
            }
            if let Some(submission) = parts.extensions.get::<Submission>() {
                provide_context(submission.clone());
            }
            provide(&parts);
            if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
                && let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce))
            {
                response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
        }
    }
}

/// No link of ours has control characters in its query, and the database knows no text that holds them.
async fn refuse_control_characters(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let clean = |text: &str| domain::text::is_clean(text);
    if url::form_urlencoded::parse(query.as_bytes()).all(|(name, value)| clean(&name) && clean(&value)) {
        return next.run(request).await;
    }
    PlainPage::new("This address cannot be read")
        .status(StatusCode::BAD_REQUEST)
        .text("It holds a control character. Remove it, or begin at the start page.")
        .link("/", "Start page")
        .into_response()
}

/// An address that is no page: the app's own page says so.
async fn no_page(State(pages): State<Pages>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::not_found().into_response();
    }
    pages.render(request, StatusCode::NOT_FOUND).await
}
