//! `POST /api/v1/enforcements`: what was really done with an answer.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::enforcement::Done;
use domain::id::DecisionId;
use domain::window::Instant;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::Service;
use service::enforcements::EnforcementInput;

use super::problems::of_service;
use crate::access::Caller;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::http::time::SentTime;

/// A report.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    /// `context.evaluation_id` of the answer.
    decision_id: DecisionId,
    /// `enforced`, `denied` or `bypassed`.
    done: Done,
    /// When, by the client's clock; absent: now.
    at: Option<SentTime>,
    /// One line, at most 500 characters.
    #[serde(default)]
    note: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    decision_id: DecisionId,
    done: Done,
    at: Instant,
    reported_at: Instant,
}

/// 201 for a new report, 200 for the same again, 409 for another one.
pub(super) async fn report(
    State(service): State<Service>,
    Caller(caller): Caller,
    Json(report): Json<Report>,
) -> Result<Response, Problem> {
    let input = EnforcementInput {
        decision: report.decision_id,
        done: report.done,
        done_at: report.at.map(|SentTime(at)| at),
        note: report.note,
    };
    let (found, new) = service
        .report_enforcement(&caller, &input)
        .await
        .map_err(of_service)?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = Answer {
        decision_id: found.decision,
        done: found.done,
        at: found.done_at,
        reported_at: found.reported_at,
    };
    Ok((status, axum::Json(answer)).into_response())
}
