//! Who comes to a browser route: read once per request, before any page, form or server function runs.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use app::error::{AppError, AppErrorKind};
use app::page::{SignInError, SignInView};
use app::session::CurrentUser;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use tower_sessions::Session;

use super::forms::KEPT;
use super::origin::ReturnTo;
use super::plain_page::PlainPage;
use super::problem::Problem;
use super::request_id::RequestId;
use crate::sign_in::{REFUSED, Refusal, SignIn, SignedIn, kept, status_of};

/// What the frame of a page says of the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name in the directory, where it differs from the provider's.
    pub display_name: Option<String>,
    /// The name of the person's team.
    pub team: Option<String>,
    /// How many items wait for this person's decision.
    pub waiting: u32,
    /// How many of this person's notices are unread.
    pub unread: u32,
}

/// The profile cannot be had because the database is away.
#[derive(Debug, thiserror::Error)]
#[error("the profile could not be read")]
pub struct ProfileUnavailable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Reads a profile; given by the part that knows the directory and the inbox.
pub type Describe = Arc<
    dyn Fn(SignedIn) -> Pin<Box<dyn Future<Output = Result<Profile, ProfileUnavailable>> + Send>>
        + Send
        + Sync,
>;

/// What recognising a visitor needs.
#[derive(Clone)]
pub(super) struct Visitors {
    sign_in: Arc<SignIn>,
    describe: Describe,
}

impl Visitors {
    pub(super) fn new(sign_in: Arc<SignIn>, describe: Describe) -> Self {
        Self { sign_in, describe }
    }

    async fn read(&self, session: &Session) -> Result<Option<(SignedIn, CurrentUser)>, Away> {
        let Some(person) = SignedIn::load(session, self.sign_in.roles()).await? else {
            return Ok(None);
        };
        let profile = (self.describe)(person.clone()).await?;
        let shown = current_user(&person, profile);
        Ok(Some((person, shown)))
    }

    fn sign_in_view(&self, uri: &Uri) -> SignInView {
        SignInView {
            provider_name: self.sign_in.provider_name().to_owned(),
            return_to: return_to(uri).as_str().to_owned(),
            error: parameter(uri, "error")
                .and_then(|code| serde_json::from_value::<SignInError>(serde_json::Value::String(code)).ok()),
            provider_sign_out_href: None,
        }
    }
}

/// The database is away.
#[derive(Debug, thiserror::Error)]
enum Away {
    #[error("the session could not be read")]
    Session(#[from] tower_sessions::session::Error),
    #[error(transparent)]
    Profile(#[from] ProfileUnavailable),
}

/// Lets the signed-in through with their identity in the request's extensions, and sends the others to sign in.
pub(super) async fn recognise(
    State(visitors): State<Visitors>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let Some(session) = request.extensions().get::<Session>().cloned() else {
        tracing::error!("the session layer is missing");
        return Problem::internal().into_response();
    };
    let visitor = match visitors.read(&session).await {
        Ok(visitor) => visitor,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a visitor could not be recognised"
            );
            return away(&request);
        }
    };
    if path == "/sign-in" {
        return sign_in_page(&visitors, visitor.is_some(), request, next).await;
    }
    match visitor {
        Some((person, shown)) => {
            if request.method() == Method::GET && parameter(request.uri(), KEPT).is_some() {
                match kept::kept(&session, &person.person, request.uri().path()).await {
                    Ok(Some(mut typed)) => {
                        let refused = parameter(request.uri(), REFUSED).and_then(Refusal::named);
                        typed.errors.extend(refused.map(Refusal::error));
                        request.extensions_mut().insert(typed);
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "what was typed cannot be read"
                        );
                        return away(&request);
                    }
                }
            }
            request.extensions_mut().insert(person);
            request.extensions_mut().insert(shown);
            request.extensions_mut().insert(Arc::clone(&visitors.sign_in));
            next.run(request).await
        }
        None if is_about_sign_in(path) => next.run(request).await,
        None => to_sign_in(&request),
    }
}

/// The sign-in page, with the status that fits what it says. Somebody signed in has nothing to do here.
async fn sign_in_page(visitors: &Visitors, signed_in: bool, mut request: Request, next: Next) -> Response {
    let view = visitors.sign_in_view(request.uri());
    if signed_in && view.error.is_none() {
        return Redirect::to(&view.return_to).into_response();
    }
    let status = view.error.map_or(StatusCode::OK, status_of);
    request.extensions_mut().insert(view);
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

fn to_sign_in(request: &Request) -> Response {
    if is_server_function(request) {
        let error = AppError {
            kind: AppErrorKind::SignedOut,
            detail: None,
            request_id: request
                .extensions()
                .get::<RequestId>()
                .map(|id| id.as_str().to_owned()),
        };
        return server_function_error(request, StatusCode::UNAUTHORIZED, &error);
    }
    // What was posted is lost at the provider anyway, so come back to the page that the form stands on.
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair(
            "return_to",
            request.uri().path_and_query().map_or("/", |path| path.as_str()),
        )
        .finish();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}

/// A page says so; a server function says it in its own form.
fn away(request: &Request) -> Response {
    if is_server_function(request) {
        let error = AppError {
            kind: AppErrorKind::Unavailable,
            detail: None,
            request_id: request
                .extensions()
                .get::<RequestId>()
                .map(|id| id.as_str().to_owned()),
        };
        return server_function_error(request, StatusCode::SERVICE_UNAVAILABLE, &error);
    }
    PlainPage::new("Spillway cannot reach its records")
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .retry_after(5)
        .text("Nothing was decided and nothing was changed. It resumes by itself; open the page again in a moment.")
        .link(request.uri().path_and_query().map_or("/", |path| path.as_str()), "Try again")
        .into_response()
}

/// Leptos' clients read the body of a failed call as the function's own error type.
fn server_function_error(request: &Request, status: StatusCode, error: &AppError) -> Response {
    let body = serde_json::to_string(error).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Ok(path) = HeaderValue::from_str(request.uri().path()) {
        response.headers_mut().insert("serverfnerror", path);
    }
    response
}

fn is_server_function(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() != Method::GET && leptos::server_fn::axum::server_fn_paths().any(|(own, _)| own == path)
}

fn is_about_sign_in(path: &str) -> bool {
    path.starts_with("/sign-in/")
        || path == "/sign-out"
        || path.starts_with("/sign-out/")
        || path == "/signed-out"
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn return_to(uri: &Uri) -> ReturnTo {
    parameter(uri, "return_to")
        .as_deref()
        .and_then(ReturnTo::parse)
        .unwrap_or_else(ReturnTo::home)
}

fn current_user(person: &SignedIn, profile: Profile) -> CurrentUser {
    let display_name = profile.display_name.unwrap_or_else(|| person.name.clone());
    CurrentUser {
        person_id: person.person.to_string(),
        initials: initials(&display_name),
        display_name,
        // The last of the order of `Role` is the most telling.
        roles: person
            .roles
            .iter()
            .rev()
            .map(|role| role.as_str().replace('_', " "))
            .collect(),
        team: profile.team,
        waiting: profile.waiting,
        unread: profile.unread,
    }
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Alice Meyer", "AM"),
            ("Ana María de la Cruz", "AC"),
            ("omar", "O"),
            ("", ""),
            ("Émile Zola", "ÉZ"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
