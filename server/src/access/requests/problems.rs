//! The profile's problem types, and our own where it defines none.

use http::StatusCode;
use service::access_requests::SubmitError;
use service::{FieldError, ServiceError};

use crate::http::problem::{FieldProblem, Problem};

fn profile(status: StatusCode, code: &str, title: &'static str) -> Problem {
    Problem::of_type(
        status,
        format!("urn:openid:authzen:access-request:error:{code}"),
        title,
    )
}

pub(super) fn unknown_task() -> Problem {
    profile(StatusCode::NOT_FOUND, "unknown_task", "There is no such task")
        .detail("It does not exist, or it is not this client's.")
}

pub(super) fn not_requestable(detail: impl Into<String>) -> Problem {
    profile(
        StatusCode::BAD_REQUEST,
        "not_requestable",
        "This denial cannot be requested",
    )
    .detail(detail.into())
}

pub(super) fn invalid_binding(detail: impl Into<String>) -> Problem {
    profile(
        StatusCode::BAD_REQUEST,
        "invalid_denial_binding",
        "This is not bound to the denial it names",
    )
    .detail(detail.into())
}

pub(super) fn expired_denial() -> Problem {
    profile(StatusCode::GONE, "expired_denial", "This denial has expired")
        .detail("A denial can be turned into a request for 15 minutes: evaluate again.")
}

pub(super) fn bad_key() -> Problem {
    invalid(
        "/",
        "idempotency_key",
        "An idempotency key has 1 to 255 visible ASCII characters.",
    )
}

pub(super) fn bad_json() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed-json",
        "The body is not the JSON that is expected here",
    )
}

pub(super) fn too_long(pointer: &str, longest: usize) -> Problem {
    invalid(pointer, "too_long", &format!("At most {longest} characters."))
}

pub(super) fn control_character(pointer: &str) -> Problem {
    invalid(
        pointer,
        "control_character",
        "This text has a control character, such as U+0000. Remove it.",
    )
}

/// A body that is wrong in one place.
pub(super) fn invalid(pointer: &str, code: &'static str, detail: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid",
        "The request is wrong in some places",
    )
    .field(FieldProblem {
        pointer: pointer.to_owned(),
        code: code.into(),
        detail: detail.to_owned(),
    })
}

/// What a submission is refused with.
pub(super) fn of_submit(error: SubmitError) -> Problem {
    match error {
        SubmitError::DenialBinding(why) => invalid_binding(why),
        SubmitError::DenialExpired => expired_denial(),
        SubmitError::NotRequestable(why) => not_requestable(why),
        SubmitError::Duplicate => profile(
            StatusCode::CONFLICT,
            "duplicate_request",
            "This idempotency key was used for another request",
        ),
        SubmitError::TooManyOpen(why) => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-open-requests",
            "Too many requests wait for a decision",
        )
        .detail(why),
        SubmitError::Service(error) => of_service(error),
    }
}

/// What a use case is refused with, on the routes of this profile.
pub(super) fn of_service(error: ServiceError) -> Problem {
    match error {
        ServiceError::NotFound { .. } => unknown_task(),
        ServiceError::Forbidden { why, .. } => Problem::forbidden().detail(why),
        ServiceError::Invalid(errors) => errors.into_iter().map(field).fold(
            Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid",
                "The request is wrong in some places",
            ),
            Problem::field,
        ),
        ServiceError::Conflict { why, .. } => profile(
            StatusCode::CONFLICT,
            "invalid_task_state",
            "The task's state does not allow this",
        )
        .detail(why),
        ServiceError::Unavailable(source) => {
            tracing::warn!(error = source.as_ref() as &dyn std::error::Error, "not available");
            Problem::unavailable(1)
        }
        ServiceError::Internal(source) => {
            tracing::error!(
                error = source.as_ref() as &dyn std::error::Error,
                "a use case failed"
            );
            Problem::internal()
        }
    }
}

fn field(error: FieldError) -> FieldProblem {
    FieldProblem {
        pointer: format!("/{}", error.field),
        code: error.code.into(),
        detail: error.message,
    }
}
