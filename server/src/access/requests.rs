//! AuthZEN's Access Request and Approval Profile, draft of 2 June 2026, single-resource flow: submission, task, status,
//! cancel, its problem types.
//!
//! Our states collapse into the profile's: `submitted` and `in_review` are `pending`; `withdrawn` and `voided` are
//! `cancelled`. Bundles, callbacks and binding tokens are refused or ignored as the profile says of what is not offered.

mod problems;
mod submission;
mod task;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use service::Service;
use service::caller::ClientCaller;
use url::Url;

use super::authenticate::Caller;
use crate::http::extract::{Json, Path, read_json};
use crate::http::problem::Problem;
use domain::text::is_clean;
use problems::{of_service, of_submit, unknown_task};
use task::{TaskResponse, Urls};

/// What the routes need.
#[derive(Debug, Clone)]
pub struct Requests {
    service: Service,
    urls: Urls,
}

/// The routes below `/access/v1/requests`; `public_url` is where clients find us.
pub fn routes(service: Service, public_url: &Url) -> Router<()> {
    Router::new()
        .route("/access/v1/requests", post(submit))
        .route("/access/v1/requests/{id}", get(status))
        .route("/access/v1/requests/{id}/cancel", post(cancel).delete(cancel))
        .with_state(Requests {
            service,
            urls: Urls::new(public_url),
        })
}

async fn submit(
    State(requests): State<Requests>,
    Caller(caller): Caller,
    headers: HeaderMap,
    Json(body): Json<serde_json::Value>,
) -> Result<Response, Problem> {
    let key = headers
        .get("idempotency-key")
        .map(|key| key.to_str().map_err(|_| problems::bad_key()))
        .transpose()?;
    let submission = submission::read(&body, key)?;
    let (request, new) = requests
        .service
        .submit_access_request(&caller, submission)
        .await
        .map_err(of_submit)?;
    let (request, grant) = match new {
        true => (request, None),
        false => requests
            .service
            .access_request_task(&caller, request.id)
            .await
            .map_err(of_service)?,
    };
    let answer = TaskResponse::new(&request, grant.as_ref(), &requests.urls, requests.service.now());
    let status = if answer.is_settled() {
        StatusCode::CREATED
    } else {
        StatusCode::ACCEPTED
    };
    let location = [(header::LOCATION, answer.status_endpoint().to_owned())];
    Ok((status, location, axum::Json(answer)).into_response())
}

async fn status(
    State(requests): State<Requests>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let answer = look(&requests, &caller, &id).await?;
    let mut response = axum::Json(&answer).into_response();
    if !answer.is_settled() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, http::HeaderValue::from_static("5"));
    }
    Ok(response)
}

async fn look(requests: &Requests, caller: &ClientCaller, id: &str) -> Result<TaskResponse, Problem> {
    let id = id.parse().map_err(|_| unknown_task())?;
    let (request, grant) = requests
        .service
        .access_request_task(caller, id)
        .await
        .map_err(of_service)?;
    Ok(TaskResponse::new(
        &request,
        grant.as_ref(),
        &requests.urls,
        requests.service.now(),
    ))
}

/// The profile's optional cancellation body; members that it does not define are ignored.
#[derive(Debug, Default, Deserialize)]
struct CancelBody {
    reason: Option<String>,
    comment: Option<String>,
}

/// The longest cancellation note, in characters.
const LONGEST_COMMENT: usize = 2_000;

async fn cancel(
    State(requests): State<Requests>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| unknown_task())?;
    let body: CancelBody = match body.is_empty() {
        true => CancelBody::default(),
        false => read_json(&body).map_err(|_| problems::bad_json())?,
    };
    for (pointer, text) in [("/reason", &body.reason), ("/comment", &body.comment)] {
        if text.as_deref().is_some_and(|text| !is_clean(text)) {
            return Err(problems::control_character(pointer));
        }
    }
    let comment = [body.reason, body.comment]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(": ");
    if comment.chars().count() > LONGEST_COMMENT {
        return Err(problems::too_long("/comment", LONGEST_COMMENT));
    }
    let comment = Some(comment).filter(|comment| !comment.trim().is_empty());
    let request = requests
        .service
        .cancel_access_request(&caller, id, comment)
        .await
        .map_err(of_service)?;
    let answer = TaskResponse::new(&request, None, &requests.urls, requests.service.now());
    Ok(axum::Json(answer).into_response())
}
