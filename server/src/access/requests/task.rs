//! The task as the wire has it.

use domain::access_request::{AccessRequest, AccessRequestState};
use domain::grant::{Grant, GrantState};
use domain::window::Instant;
use serde::Serialize;
use url::Url;

/// Where tasks are found.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    base: String,
}

impl Urls {
    pub(super) fn new(public_url: &Url) -> Self {
        Self {
            base: public_url.as_str().trim_end_matches('/').to_owned(),
        }
    }
}

/// What submission, status and cancellation answer.
#[derive(Debug, Serialize)]
pub(super) struct TaskResponse {
    task: Task,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<TaskResult>,
}

#[derive(Debug, Serialize)]
struct Task {
    id: String,
    status: &'static str,
    status_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    expires_at: String,
    display: Display,
    links: Links,
}

#[derive(Debug, Serialize)]
struct Progress {
    current_step: u32,
    total_steps: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_name: Option<String>,
}

#[derive(Debug, Serialize)]
struct Display {
    title: String,
    description: String,
}

#[derive(Debug, Serialize)]
struct Links {
    ticket: String,
    review: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel: Option<String>,
}

#[derive(Debug, Serialize)]
struct TaskResult {
    mode: &'static str,
    approval: Approval,
}

#[derive(Debug, Serialize)]
struct Approval {
    id: String,
    approved_at: String,
    /// Where it starts later than it was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_from: Option<String>,
    approved_until: String,
}

impl TaskResponse {
    pub(super) fn new(request: &AccessRequest, grant: Option<&Grant>, urls: &Urls, now: Instant) -> Self {
        let state = request.state_at(now);
        let base = &urls.base;
        let id = request.id;
        let status_endpoint = format!("{base}/access/v1/requests/{id}");
        let result = grant.map(|grant| TaskResult {
            mode: "reevaluate",
            approval: Approval {
                id: grant.id.to_string(),
                approved_at: stamp(grant.approved_at),
                approved_from: (grant.window.starts_at() > grant.approved_at)
                    .then(|| stamp(grant.window.starts_at())),
                // An approval that was taken back is good until then, not until it would have ended.
                approved_until: stamp(match grant.state(now) {
                    GrantState::Revoked | GrantState::Relinquished => {
                        grant.ended.map_or(grant.window.ends_at(), |ended| ended.at)
                    }
                    GrantState::Scheduled | GrantState::Active | GrantState::Ended => grant.window.ends_at(),
                }),
            },
        });
        Self {
            task: Task {
                id: id.to_string(),
                status: status(state),
                progress: progress(request, state),
                expires_at: stamp(request.expires_at),
                display: display(request, state),
                links: Links {
                    ticket: format!("{base}/requests/{id}"),
                    review: format!("{base}/approvals/{id}"),
                    cancel: (!state.is_terminal()).then(|| format!("{status_endpoint}/cancel")),
                },
                status_endpoint,
            },
            result: result.filter(|_| state == AccessRequestState::Approved),
        }
    }

    /// Whether the task has reached a terminal status.
    pub(super) fn is_settled(&self) -> bool {
        self.task.status != PENDING
    }

    pub(super) fn status_endpoint(&self) -> &str {
        &self.task.status_endpoint
    }
}

const PENDING: &str = "pending";

const fn status(state: AccessRequestState) -> &'static str {
    match state {
        AccessRequestState::Submitted | AccessRequestState::InReview { .. } => PENDING,
        AccessRequestState::Approved => "approved",
        AccessRequestState::Denied => "denied",
        AccessRequestState::Expired => "expired",
        AccessRequestState::Withdrawn | AccessRequestState::Voided => "cancelled",
    }
}

fn progress(request: &AccessRequest, state: AccessRequestState) -> Option<Progress> {
    let AccessRequestState::InReview { stage } = state else {
        return None;
    };
    let name = usize::try_from(stage)
        .ok()
        .and_then(|place| request.plan.stages.get(place));
    Some(Progress {
        current_step: stage.saturating_add(1),
        total_steps: request.plan.stages.len(),
        step_name: name.map(|stage| stage.name.clone()),
    })
}

fn display(request: &AccessRequest, state: AccessRequestState) -> Display {
    let description = match state {
        AccessRequestState::Submitted | AccessRequestState::InReview { .. } => {
            "Approvers have it in their inbox.".to_owned()
        }
        AccessRequestState::Approved => "Approved: evaluate again.".to_owned(),
        AccessRequestState::Denied => "An approver denied it.".to_owned(),
        AccessRequestState::Expired => "Nobody decided in time.".to_owned(),
        AccessRequestState::Withdrawn => "It was taken back.".to_owned(),
        AccessRequestState::Voided => "Policy no longer allows it.".to_owned(),
    };
    Display {
        title: format!("{} on {}", request.capability, request.resource),
        description,
    }
}

fn stamp(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}
