//! `POST /access/v1/evaluation`: one decision.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::value::RawValue;
use service::decisions::{Answered, Asked, Stop};

use super::Access;
use super::answer::{Answer, answer};
use super::authenticate::Evaluator;
use super::read::{Members, object};
use super::refuse::Refusal;
use crate::http::extract::AuthzenJson;
use service::caller::ClientCaller;

pub(super) async fn evaluate(
    State(access): State<Access>,
    Evaluator(caller, _turn): Evaluator,
    AuthzenJson(body): AuthzenJson<Box<RawValue>>,
) -> Result<Response, Refusal> {
    let members: Members<'_> = object("The request", &body)?;
    Ok(json(&one(&access, &caller, members.asked()?).await?))
}

/// Decides one question.
pub(super) async fn one(access: &Access, caller: &ClientCaller, asked: Asked) -> Result<Answer, Refusal> {
    let answered = access.decider.decide(caller, &[asked], Stop::Never).await?;
    match answered.into_iter().next() {
        Some(Answered::Decided(decided)) => Ok(answer(access, &decided).await),
        Some(Answered::OutOfScope(why)) => Err(Refusal::new(StatusCode::FORBIDDEN, why)),
        None => Err(service::ServiceError::internal("one question came back without an answer").into()),
    }
}

/// An answer as JSON, which no cache may keep.
pub(super) fn json(value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => (
            [
                (http::header::CONTENT_TYPE, "application/json"),
                (http::header::CACHE_CONTROL, "no-store"),
            ],
            body,
        )
            .into_response(),
        Err(error) => Refusal::from(service::ServiceError::internal(error)).into_response(),
    }
}
