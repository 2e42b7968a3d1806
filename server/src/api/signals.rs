//! `POST /api/v1/signals`: what a monitoring tool says about a principal.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::id::OptOutId;
use domain::opt_out::OptOut;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::signal::Risk;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::signals::{Received, SignalInput};
use service::{Service, ServiceError};

use super::problems::of_service;
use crate::access::Caller;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::http::time::SentTime;

/// How long a source that went beyond its limits had better wait, in seconds.
const WAIT_SECS: u64 = 60;

/// A signal.
#[derive(Debug, Deserialize)]
pub(super) struct Signal {
    /// `HIGH` or `LOW`.
    risk: Risk,
    /// About whom: `{"type": "person", "id": "alice.meyer"}`.
    subject: Subject,
    /// The source's own id of what it saw.
    id: String,
    /// What it saw.
    #[serde(default)]
    reason: String,
    /// Until when at most; HIGH needs it.
    expires_at: Option<SentTime>,
}

#[derive(Debug, Deserialize)]
struct Subject {
    #[serde(rename = "type")]
    kind: PrincipalKind,
    id: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    /// `opened`, `open` (said before) or `closed`.
    outcome: &'static str,
    /// What it opened or closed.
    opt_outs: Vec<OptOutId>,
    /// When it ends by itself: as asked, or as long as this source may.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
}

impl Answer {
    fn open(outcome: &'static str, opt_out: &OptOut) -> Self {
        Self {
            outcome,
            opt_outs: vec![opt_out.id],
            expires_at: Some(opt_out.window.ends_at()),
        }
    }
}

/// 201 for one that opens something, 200 otherwise; 429 beyond the source's limits.
pub(super) async fn receive(
    State(service): State<Service>,
    Caller(caller): Caller,
    Json(signal): Json<Signal>,
) -> Result<Response, Problem> {
    let principal = PrincipalRef::new(signal.subject.kind, signal.subject.id)
        .map_err(|error| of_service(ServiceError::field("subject/id", "unreadable", error.to_string())))?;
    let input = SignalInput {
        risk: signal.risk,
        principal,
        source_id: signal.id,
        reason: signal.reason,
        expires_at: signal.expires_at.map(|SentTime(at)| at),
    };
    let (status, answer) = match service.signal(&caller, &input).await {
        Ok(Received::Opened(opt_out)) => (StatusCode::CREATED, Answer::open("opened", &opt_out)),
        Ok(Received::Again(opt_out)) => (StatusCode::OK, Answer::open("open", &opt_out)),
        Ok(Received::Closed(opt_outs)) => (
            StatusCode::OK,
            Answer {
                outcome: "closed",
                opt_outs,
                expires_at: None,
            },
        ),
        Err(ServiceError::Conflict {
            code: code @ ("too_many" | "too_wide"),
            why,
        }) => {
            let problem = Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                &code.replace('_', "-"),
                "This source is beyond its limits",
            );
            return Err(problem.detail(why).retry_after(WAIT_SECS));
        }
        Err(error) => return Err(of_service(error)),
    };
    Ok((status, axum::Json(answer)).into_response())
}
