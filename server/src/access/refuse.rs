//! Refusals of the evaluation API: a status and a message string (Authorization API 1.0, "Error Responses").

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use service::ServiceError;

use crate::http::extract::MessageError;
use crate::http::problem::InOwnWords;

/// How soon a client may come back where nothing could be decided. A change of what decisions depend on and a full queue
/// pass within milliseconds, a database within seconds.
const RETRY_AFTER_SECS: u64 = 1;

/// A refusal: never an outcome.
#[derive(Debug)]
pub(super) struct Refusal {
    error: MessageError,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            error: MessageError {
                status,
                message: message.into(),
            },
            header: None,
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        Self {
            header: Some((name, value)),
            ..self
        }
    }

    fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Nothing was decided just now. Ask again.",
        )
        .header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS))
    }
}

impl From<MessageError> for Refusal {
    fn from(error: MessageError) -> Self {
        Self { error, header: None }
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Unavailable(source) => {
                tracing::warn!(
                    error = source.as_ref() as &dyn std::error::Error,
                    "nothing was decided"
                );
                Self::unavailable()
            }
            ServiceError::Forbidden { why, .. } => Self::new(StatusCode::FORBIDDEN, why),
            ServiceError::NotFound { .. } | ServiceError::Invalid(_) | ServiceError::Conflict { .. } => {
                Self::bad(error.to_string())
            }
            ServiceError::Internal(source) => {
                tracing::error!(
                    error = source.as_ref() as &dyn std::error::Error,
                    "a decision failed inside"
                );
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something went wrong on our side. It has been logged under this request's id.",
                )
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.error.into_response();
        response.extensions_mut().insert(InOwnWords);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
