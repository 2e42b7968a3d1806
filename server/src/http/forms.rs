//! Posted forms: one mechanism for all of them, as [`app::form`] describes it.
//!
//! A form posts to the path of the page it stands on. What succeeded is answered with 303; what failed renders the same
//! page again with the typed text. To add one: register its path, its intents and a handler in a [`Forms`].

mod again;
mod fields;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use app::form::{FieldError, Submission};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};

use super::origin::ReturnTo;
use super::pages::Pages;
use super::problem::Problem;
use super::request_id::RequestId;
use crate::sign_in::{SignIn, SignedIn, kept};
pub use again::ForVote;
use again::{forget, kept_is_away, sign_in_again};
use domain::break_glass::SignInProof;
use domain::id::StepUpId;
use tower_sessions::Session;

/// The longest form, in bytes: many times what all fields together may hold.
const LARGEST_BYTES: usize = 64 << 10;

/// A form as it was posted, by somebody with a session. Everything else about the sender is still to be authorised.
#[derive(Debug, Clone)]
pub struct Post {
    /// Who sent it.
    pub person: SignedIn,
    /// The request's id, for the ledger.
    pub request_id: RequestId,
    /// The variable parts of the path, decoded.
    pub path: BTreeMap<String, String>,
    /// The fields and the button. Input of an attacker, hidden fields included.
    pub submission: Submission,
    /// The step-up that was begun for this person's vote on this page.
    pub(crate) step_up: Option<StepUpId>,
    /// Knows whether the identity provider answers.
    pub(crate) provider: Arc<SignIn>,
}

impl Post {
    /// What is known of the sender's sign-in.
    pub(crate) fn sign_in_proof(&self) -> SignInProof {
        SignInProof {
            proved_at: self.person.auth_time,
            session_began_at: self.person.signed_in_at,
            provider_answers: self.provider.provider_answers(),
        }
    }

    /// What is known of the sender's sign-in, where the provider does not answer; none where it does.
    pub(crate) fn sign_in_while_provider_is_down(&self) -> Option<SignInProof> {
        let proof = self.sign_in_proof();
        (!proof.provider_answers).then_some(proof)
    }
}

/// What came of a posted form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done: go and see, at this path of ours.
    Done(String),
    /// Nothing was to be done: show the page with what was typed.
    Show,
    /// It was refused for what was typed.
    Refused(Vec<FieldError>),
    /// It was refused because the thing has changed meanwhile.
    Stale(String),
    /// The sender has to sign in again first; what was typed is kept and comes back with them.
    SignInAgain,
    /// The sender has to sign in afresh for this very vote; the same.
    StepUp(ForVote),
    /// This person may see the thing, but not do this. The sentence says why.
    Forbidden(String),
    /// The thing is not there for this person.
    NotFound,
    /// Something that is needed is away. Nothing was changed.
    Unavailable,
    /// A fault of ours, logged where it happened.
    Failed,
}

/// The parameter of a page's address that says: with what was typed before signing in again.
pub(super) const KEPT: &str = "kept";

type Handler = Arc<dyn Fn(Post) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

#[derive(Clone)]
struct Form {
    path: &'static str,
    intents: &'static [&'static str],
    handler: Handler,
}

/// All forms, by the path of their page.
#[derive(Clone, Default)]
pub struct Forms(Vec<Form>);

impl Forms {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the forms of one page: the path as axum writes it (`/opt-outs/{id}`), the intents its buttons have, and what
    /// to do. A path may be added once.
    #[must_use]
    pub fn on<F, Fut>(mut self, path: &'static str, intents: &'static [&'static str], handler: F) -> Self
    where
        F: Fn(Post) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.0.push(Form {
            path,
            intents,
            handler: Arc::new(move |post| Box::pin(handler(post))),
        });
        self
    }

    /// The paths that take a post, for the test that wants each of them covered.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|form| form.path)
    }
}

pub(super) fn routes(forms: Forms, pages: &Pages) -> Router<Pages> {
    forms.0.into_iter().fold(Router::new(), |router, form| {
        let state = (form.clone(), pages.clone());
        router.route(form.path, post(receive).with_state(state))
    })
}

async fn receive(
    State((form, pages)): State<(Form, Pages)>,
    params: RawPathParams,
    request: Request,
) -> Response {
    let path = params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let (parts, body) = request.into_parts();
    let Some(person) = parts.extensions.get::<SignedIn>().cloned() else {
        return Problem::unauthenticated().into_response();
    };
    let request_id = parts.extensions.get::<RequestId>().cloned();
    let provider = parts.extensions.get::<Arc<SignIn>>().cloned();
    let (Some(request_id), Some(provider), true) = (request_id, provider, is_form(&parts.headers)) else {
        return unreadable(&pages, parts, Submission::default()).await;
    };
    let Ok(bytes) = to_bytes(body, LARGEST_BYTES).await else {
        return Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE)
            .detail("A form has at most 64 KiB.")
            .into_response();
    };
    let Some(submission) = fields::decode(&bytes) else {
        return unreadable(&pages, parts, Submission::default()).await;
    };
    if !form.intents.contains(&submission.intent.as_str()) {
        return unreadable(&pages, parts, submission).await;
    }
    if !submission.errors.is_empty() {
        return show(&pages, parts, submission, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let session = parts.extensions.get::<Session>();
    let page = parts.uri.path();
    let step_up = match session {
        Some(session) => kept::step_up(session, &person.person, page).await,
        None => Ok(None),
    };
    let step_up = match step_up {
        Ok(step_up) => step_up,
        Err(error) => return kept_is_away(&error),
    };
    let outcome = (form.handler)(Post {
        person: person.clone(),
        request_id,
        path,
        submission: submission.clone(),
        step_up,
        provider,
    })
    .await;
    let (status, errors) = match outcome {
        Outcome::Done(to) => {
            forget(session, page).await;
            return see_other(&to);
        }
        Outcome::SignInAgain => return sign_in_again(session, &person, page, &submission, None).await,
        Outcome::StepUp(vote) => return sign_in_again(session, &person, page, &submission, Some(vote)).await,
        Outcome::Show => (StatusCode::OK, Vec::new()),
        Outcome::Refused(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Outcome::Stale(sentence) => (StatusCode::CONFLICT, vec![FieldError::form("stale", sentence)]),
        Outcome::Forbidden(sentence) => (
            StatusCode::FORBIDDEN,
            vec![FieldError::form("forbidden", sentence)],
        ),
        Outcome::NotFound => (
            StatusCode::NOT_FOUND,
            vec![FieldError::form("not_found", "There is nothing here.")],
        ),
        Outcome::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            vec![FieldError::form(
                "unavailable",
                "Nothing was changed, because the records cannot be reached. Send it again in a moment.",
            )],
        ),
        Outcome::Failed => (
            StatusCode::INTERNAL_SERVER_ERROR,
            vec![FieldError::form(
                "internal",
                "Nothing was changed, because something went wrong on our side.",
            )],
        ),
    };
    show(&pages, parts, Submission { errors, ..submission }, status).await
}

/// The page again, with what was typed and what is wrong with it.
async fn show(
    pages: &Pages,
    mut parts: http::request::Parts,
    submission: Submission,
    status: StatusCode,
) -> Response {
    parts.extensions.insert(submission);
    pages
        .render(Request::from_parts(parts, axum::body::Body::empty()), status)
        .await
}

async fn unreadable(pages: &Pages, parts: http::request::Parts, submission: Submission) -> Response {
    let errors = vec![FieldError::form(
        "unreadable",
        "The form could not be read. Fill it in and send it again.",
    )];
    show(
        pages,
        parts,
        Submission { errors, ..submission },
        StatusCode::BAD_REQUEST,
    )
    .await
}

/// 303, so that the browser fetches the result with GET, and reloading it sends nothing again.
fn see_other(to: &str) -> Response {
    match ReturnTo::parse(to) {
        Some(path) => Redirect::to(path.as_str()).into_response(),
        None => {
            tracing::error!(to, "a form leads to what is no path of ours");
            Redirect::to("/").into_response()
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .is_some_and(|essence| {
            essence
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}
