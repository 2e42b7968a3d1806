//! `PUT /api/v1/incidents/{id}`: what a tool tells of an incident.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::incident::IncidentState;
use domain::name::IncidentId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::Service;
use service::incidents::{IncidentInput, Told};

use super::problems::of_service;
use crate::access::Caller;
use crate::http::extract::{Json, Path};
use crate::http::problem::Problem;

/// What is told.
#[derive(Debug, Deserialize)]
pub(super) struct Body {
    /// `open` or `resolved`.
    state: IncidentState,
    /// What it is about; of one that is known, it stays what it was.
    #[serde(default)]
    title: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    id: IncidentId,
    state: IncidentState,
    title: String,
    /// When Spillway was told.
    opened_at: DateTime<Utc>,
    /// When it was told last that it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<DateTime<Utc>>,
}

/// 201 for one that was not known, 200 otherwise. The same again changes nothing.
pub(super) async fn tell(
    State(service): State<Service>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Json(body): Json<Body>,
) -> Result<Response, Problem> {
    let input = IncidentInput {
        id,
        state: body.state,
        title: body.title,
    };
    let Told { incident, new } = service
        .tell_of_incident(&caller, &input)
        .await
        .map_err(of_service)?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = Answer {
        id: incident.id,
        state: incident.state,
        title: incident.title,
        opened_at: incident.opened_at,
        resolved_at: incident.resolved_at,
    };
    Ok((status, axum::Json(answer)).into_response())
}
