//! What a use case is refused with, on the routes of `/api/v1`.

use http::StatusCode;
use service::ServiceError;

use crate::http::problem::{FieldProblem, Problem};

/// Of a request with a body: fields are its members.
pub(super) fn of_service(error: ServiceError) -> Problem {
    problem(error, '/')
}

/// Of a request with a query: fields are its parameters.
pub(super) fn of_query(error: ServiceError) -> Problem {
    problem(error, '?')
}

fn problem(error: ServiceError, place: char) -> Problem {
    match error {
        ServiceError::NotFound { .. } => Problem::not_found(),
        ServiceError::Forbidden { code, why } => Problem::new(
            StatusCode::FORBIDDEN,
            &dashed(code),
            "This client may not do that",
        )
        .detail(why),
        ServiceError::Invalid(errors) => errors.into_iter().fold(
            Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                "The request is wrong in some places",
            ),
            |problem, error| {
                problem.field(FieldProblem {
                    pointer: format!("{place}{}", error.field),
                    code: error.code.into(),
                    detail: error.message,
                })
            },
        ),
        ServiceError::Conflict { code, why } => Problem::new(
            StatusCode::CONFLICT,
            &dashed(code),
            "The state does not allow this",
        )
        .detail(why),
        ServiceError::Unavailable(cause) => {
            tracing::warn!(
                error = &*cause as &dyn std::error::Error,
                "a machine cannot be answered now"
            );
            Problem::unavailable(5)
        }
        ServiceError::Internal(cause) => {
            tracing::error!(
                error = &*cause as &dyn std::error::Error,
                "a machine's request failed"
            );
            Problem::internal()
        }
    }
}

/// Problem types are written with dashes.
fn dashed(code: &str) -> String {
    code.replace('_', "-")
}
