//! What a use case's refusal is on the page that posted the form.

use app::form::FieldError;
use service::ServiceError;

use crate::http::forms::Outcome;

/// Turns an error into what the page shows; what is inside is logged here and nowhere else.
pub(crate) fn of_error(error: ServiceError) -> Outcome {
    match error {
        error if error.wants_sign_in() => Outcome::SignInAgain,
        ServiceError::NotFound { .. } => Outcome::NotFound,
        ServiceError::Forbidden { why, .. } => Outcome::Forbidden(why),
        ServiceError::Invalid(errors) => Outcome::Refused(
            errors
                .into_iter()
                .map(|error| FieldError::at(&format!("/{}", error.field), error.code, error.message))
                .collect(),
        ),
        ServiceError::Conflict { why, .. } => Outcome::Stale(why),
        ServiceError::Unavailable(cause) => {
            tracing::warn!(
                error = &*cause as &dyn std::error::Error,
                "a form cannot be carried out now"
            );
            Outcome::Unavailable
        }
        ServiceError::Internal(cause) => {
            tracing::error!(error = &*cause as &dyn std::error::Error, "a form failed");
            Outcome::Failed
        }
    }
}
