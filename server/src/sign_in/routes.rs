//! The addresses of sign-in and sign-out.

use std::sync::Arc;

use app::page::SignInError;
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use domain::name::PersonId;
use domain::step_up::ProofError;
use http::{StatusCode, header};
use serde::Deserialize;
use store::sessions::{self, SessionIdentity};
use tower_sessions::Session;

use super::back_channel::BackChannelError;
use super::flow::Answer;
use super::pending;
use super::record::{EndedBy, Record, SessionEvent};
use super::step_up::{NotProved, Prove, Refusal, vouched};
use super::{Failure, REFUSED, SignIn, code_of, kept, session};
use crate::http::extract::Query;
use crate::http::origin::ReturnTo;
use crate::http::plain_page::PlainPage;
use crate::http::problem::Problem;
use crate::http::request_id::RequestId;

/// What the routes need.
#[derive(Clone, FromRef)]
struct Parts {
    sign_in: Arc<SignIn>,
    record: Record,
    prove: Prove,
}

/// Routes that a browser comes to, with its session.
pub fn browser_routes(sign_in: Arc<SignIn>, record: Record, prove: Prove) -> Router {
    Router::new()
        .route("/sign-in/start", get(start))
        .route("/sign-in/callback", get(callback))
        .route("/sign-out", post(sign_out))
        .route("/sign-out/everywhere", post(sign_out_everywhere))
        .route("/signed-out", get(signed_out))
        .with_state(Parts {
            sign_in,
            record,
            prove,
        })
}

/// The one route that the provider calls itself. No session, no cookie: the token is the whole proof.
pub fn back_channel_routes(sign_in: Arc<SignIn>, record: Record) -> Router {
    Router::new()
        .route("/sign-in/back-channel-logout", post(back_channel_logout))
        .with_state(BackChannel { sign_in, record })
}

/// What the provider's own route needs.
#[derive(Clone)]
struct BackChannel {
    sign_in: Arc<SignIn>,
    record: Record,
}

#[derive(Deserialize)]
struct Start {
    return_to: Option<String>,
    /// `1` asks the provider to make the person prove anew who they are.
    fresh: Option<String>,
    /// `1` does so for the vote that lies in the session, and comes back to its page.
    step_up: Option<String>,
}

async fn start(State(sign_in): State<Arc<SignIn>>, session: Session, Query(start): Query<Start>) -> Response {
    let return_to = start
        .return_to
        .as_deref()
        .and_then(ReturnTo::parse)
        .unwrap_or_else(ReturnTo::home);
    let fresh = start.fresh.as_deref() == Some("1");
    let vote = match start.step_up.as_deref() {
        Some("1") => kept::under_way(&session).await,
        Some(_) | None => Ok(None),
    };
    let (step_up, return_to) = match vote {
        Ok(Some((step_up, page))) => {
            let back = ReturnTo::parse(&format!("{page}?kept=1"));
            (Some(step_up), back.unwrap_or_else(ReturnTo::home))
        }
        Ok(None) => (None, return_to),
        Err(error) => return failed(&Failure::Session(error), &return_to),
    };
    let for_vote = step_up.is_some();
    let begun = async {
        let (address, attempt) = sign_in.begin(return_to.clone(), fresh, step_up).await?;
        pending::remember(&session, attempt).await?;
        Ok(Redirect::to(address.as_str()).into_response())
    };
    begun
        .await
        .unwrap_or_else(|failure| unproved(&failure, &return_to, for_vote))
}

async fn callback(
    State(Parts {
        sign_in,
        record,
        prove,
    }): State<Parts>,
    session: Session,
    request: RequestId,
    Query(answer): Query<Answer>,
) -> Response {
    let state = answer.state.clone().unwrap_or_default();
    let attempt = match pending::take(&session, &state, sign_in.clock.now()).await {
        Ok(Some(attempt)) => attempt,
        Ok(None) => return failed(&Failure::UnknownState, &ReturnTo::home()),
        Err(error) => return failed(&Failure::Session(error), &ReturnTo::home()),
    };
    let completed = async {
        let identity = sign_in.complete(&attempt, answer).await?;
        if let Some(step_up) = &attempt.step_up {
            let wanted = sign_in.settings.step_up_acr_values.clone();
            match prove(step_up.id, vouched(&identity), wanted).await {
                // They went back and signed in once more: the first proof stands, and the vote looks whether it is recent.
                Ok(()) | Err(NotProved::Refused(ProofError::ProvedAlready)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let roles = sign_in.roles().roles_of(&identity.claims.groups);
        let event = SessionEvent::SignedIn {
            identity: Box::new(identity.clone()),
            roles,
        };
        record(event, request.correlation()).await?;
        begin_session(&session, &identity).await?;
        if let Some(step_up) = &attempt.step_up {
            kept::note_proved(&session, step_up.id).await?;
        }
        Ok(Redirect::to(attempt.return_to.as_str()).into_response())
    };
    completed
        .await
        .unwrap_or_else(|failure| unproved(&failure, &attempt.return_to, attempt.step_up.is_some()))
}

/// A step-up that came to nothing leaves the session as it was, so its person goes back to what they typed. All other
/// sign-ins go back to the sign-in page.
fn unproved(failure: &Failure, return_to: &ReturnTo, for_vote: bool) -> Response {
    match Refusal::of(failure).filter(|_| for_vote) {
        Some(refusal) => {
            failure.log();
            let query = format!("&{REFUSED}={}", refusal.word());
            Redirect::to(&format!("{}{query}", return_to.as_str())).into_response()
        }
        None => failed(failure, return_to),
    }
}

/// The id changes with the identity: whoever planted an id in this browser before does not share what begins now.
async fn begin_session(session: &Session, identity: &SessionIdentity) -> Result<(), Failure> {
    session.cycle_id().await?;
    session.remove_value(pending::KEY).await?;
    session.insert(session::KEY, identity).await?;
    Ok(())
}

/// Back to the sign-in page with a word for the reason; where the fault is ours, a problem.
fn failed(failure: &Failure, return_to: &ReturnTo) -> Response {
    failure.log();
    match failure.shown() {
        Some(shown) => to_sign_in(shown, return_to),
        None => Problem::unavailable(5).into_response(),
    }
}

fn to_sign_in(error: SignInError, return_to: &ReturnTo) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("error", &code_of(error))
        .append_pair("return_to", return_to.as_str())
        .finish();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}

async fn sign_out(State(parts): State<Parts>, session: Session, request: RequestId) -> Response {
    let ended = async {
        let identity: Option<SessionIdentity> = session.get(session::KEY).await?;
        session.flush().await?;
        Ok::<_, Failure>(identity)
    };
    match ended.await {
        Ok(identity) => leave(&parts, identity, EndedBy::Owner, &request).await,
        Err(failure) => failed(&failure, &ReturnTo::home()),
    }
}

async fn sign_out_everywhere(State(parts): State<Parts>, session: Session, request: RequestId) -> Response {
    let ended = async {
        let identity: Option<SessionIdentity> = session.get(session::KEY).await?;
        if let Some(identity) = &identity {
            let count = sessions::end_of_person(&parts.sign_in.pool, &identity.person).await?;
            tracing::info!(person = %identity.person, count, "ended all sessions of a person");
        }
        session.flush().await?;
        Ok::<_, Failure>(identity)
    };
    match ended.await {
        Ok(identity) => leave(&parts, identity, EndedBy::OwnerEverywhere, &request).await,
        Err(failure) => failed(&failure, &ReturnTo::home()),
    }
}

async fn note_end(record: &Record, person: PersonId, by: EndedBy, request: &RequestId) {
    if let Err(error) = record(SessionEvent::SignedOut { person, by }, request.correlation()).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a sign-out is not in the ledger"
        );
    }
}

/// On to the provider's own sign-out. Not by a redirect: Chromium applies the page's `form-action` to what a posted
/// form is redirected to, and would stop there. A page that moves on by itself is a navigation of its own.
async fn leave(
    parts: &Parts,
    identity: Option<SessionIdentity>,
    by: EndedBy,
    request: &RequestId,
) -> Response {
    let Some(identity) = identity else {
        return to_sign_in(SignInError::SignedOut, &ReturnTo::home());
    };
    let sign_in = &parts.sign_in;
    note_end(&parts.record, identity.person, by, request).await;
    let address = sign_in.end_session_address(identity.id_token.as_deref()).await;
    match address {
        Some(address) => PlainPage::new("Signing out")
            .text(format!(
                "You are signed out of Spillway. Signing out of {} too.",
                sign_in.provider_name()
            ))
            .link(address.as_str(), format!("Go on to {}", sign_in.provider_name()))
            .moving_on(address.as_str())
            .into_response(),
        None => to_sign_in(SignInError::SignedOut, &ReturnTo::home()),
    }
}

/// Where the provider sends the browser after its own sign-out.
async fn signed_out() -> Response {
    to_sign_in(SignInError::SignedOut, &ReturnTo::home())
}

#[derive(Deserialize)]
struct LogoutForm {
    logout_token: String,
}

async fn back_channel_logout(
    State(BackChannel { sign_in, record }): State<BackChannel>,
    request: RequestId,
    form: Result<Form<LogoutForm>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return refused("a form with logout_token is wanted");
    };
    match sign_in.obey(&form.logout_token).await {
        Ok(persons) => {
            for person in persons {
                note_end(&record, person, EndedBy::Provider, &request).await;
            }
            (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response()
        }
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a back-channel logout was refused"
            );
            match error {
                BackChannelError::Token(reason) => refused(&reason.to_string()),
                BackChannelError::Provider(_) | BackChannelError::Database(_) => refused("logout failed"),
            }
        }
    }
}

/// Section 2.8: 400 for a token that is not valid and for a logout that failed, with OAuth's error members.
fn refused(description: &str) -> Response {
    let body = serde_json::json!({ "error": "invalid_request", "error_description": description });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::BAD_REQUEST, headers, body.to_string()).into_response()
}
