//! A form whose sender has to sign in again first: it is kept, and comes back with them.

use app::form::Submission;
use axum::response::{IntoResponse, Response};
use domain::id::StepUpId;
use tower_sessions::Session;

use super::KEPT;
use crate::http::plain_page::PlainPage;
use crate::http::problem::Problem;
use crate::sign_in::{SignedIn, kept};

/// The vote that a sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForVote {
    /// The step-up that was begun for it.
    pub step_up: StepUpId,
    /// The step of the form that its sender comes back to.
    pub intent: &'static str,
}

/// It was sent, so nothing of it is kept. That it could not be forgotten is no reason to say that it was not sent.
pub(super) async fn forget(session: Option<&Session>, page: &str) {
    if let Some(session) = session
        && let Err(error) = kept::forget(session, page).await
    {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a form that was sent stays kept"
        );
    }
}

/// A page that moves on by itself, as at sign-out: Chromium would hold a redirect of a posted form to `form-action`.
pub(super) async fn sign_in_again(
    session: Option<&Session>,
    person: &SignedIn,
    page: &str,
    submission: &Submission,
    vote: Option<ForVote>,
) -> Response {
    let Some(session) = session else {
        return Problem::internal().into_response();
    };
    if let Err(error) = kept::keep(session, &person.person, page, submission, vote).await {
        return kept_is_away(&error);
    }
    let (kind, text) = match vote {
        None => (
            "fresh",
            "Sign in again to go on. You come back to what you typed; nothing has been sent yet.",
        ),
        Some(_) => (
            "step_up",
            "This vote takes a fresh sign-in of its own. You come back to confirm it; nothing has been recorded yet.",
        ),
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair(kind, "1")
        .append_pair("return_to", &format!("{page}?{KEPT}=1"))
        .finish();
    let start = format!("/sign-in/start?{query}");
    PlainPage::new("Sign in again")
        .text(text)
        .link(&start, "Sign in again")
        .moving_on(&start)
        .into_response()
}

/// What was typed would be lost, so nothing is said to have been done.
pub(super) fn kept_is_away(error: &tower_sessions::session::Error) -> Response {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "what is kept of a form is out of reach"
    );
    Problem::unavailable(5).into_response()
}
