//! What stands behind the server functions, on the server alone: the use cases, who calls them, and what their errors
//! become on a page.
//!
//! **A server function is a public endpoint.** Its first line is `acting`, which answers 401 to an anonymous caller; the
//! use case that it then calls authorises the rest. Nothing here reads a role.

mod names;
mod tiers;

pub(crate) use names::Names;
pub(crate) use tiers::Tiers;

use leptos::prelude::*;
use service::{Service, ServiceError, caller::PersonCaller};

use crate::{
    error::{AppError, AppErrorKind},
    status::set_status,
};

/// Gives pages and server functions of one request the use cases and who calls them: the person of the session, or
/// nobody. The server calls it wherever it provides its contexts.
pub fn provide_acting(service: Service, caller: Option<PersonCaller>) {
    provide_context(service);
    provide_context(caller);
}

/// The use cases and the signed-in person. Errors: nobody is signed in (401).
pub(crate) fn acting() -> Result<(Service, PersonCaller), AppError> {
    let Some(caller) = use_context::<Option<PersonCaller>>().flatten() else {
        return Err(answered(AppError::new(AppErrorKind::SignedOut)));
    };
    let Some(service) = use_context::<Service>() else {
        tracing::error!("no service was provided to a server function");
        return Err(answered(AppError::new(AppErrorKind::Internal)));
    };
    Ok((service, caller))
}

/// An address that names nothing: an id of the wrong form is as good as one that does not exist.
pub(crate) fn not_found() -> AppError {
    answered(AppError::new(AppErrorKind::NotFound))
}

/// An address that asks for what cannot be: an unknown filter. The sentence is for the reader.
pub(crate) fn bad_request(sentence: impl Into<String>) -> AppError {
    answered(AppError::new(AppErrorKind::BadRequest).with_detail(sentence))
}

/// Sets the response's status, for callers of the server function itself; a page sets its own by the problem panel.
fn answered(error: AppError) -> AppError {
    set_status(error.status());
    error
}

impl From<ServiceError> for AppError {
    /// Logs what must not be shown.
    fn from(error: ServiceError) -> Self {
        let answer = match error {
            ServiceError::NotFound { .. } => AppError::new(AppErrorKind::NotFound),
            ServiceError::Forbidden { why, .. } => AppError::new(AppErrorKind::Forbidden).with_detail(why),
            ServiceError::Invalid(fields) => {
                let answer = AppError::new(AppErrorKind::BadRequest);
                match fields.into_iter().next() {
                    Some(first) => answer.with_detail(first.message),
                    None => answer,
                }
            }
            ServiceError::Conflict { why, .. } => AppError::new(AppErrorKind::Conflict).with_detail(why),
            ServiceError::Unavailable(cause) => {
                tracing::warn!(
                    error = &*cause as &dyn std::error::Error,
                    "a page cannot be answered now"
                );
                AppError::new(AppErrorKind::Unavailable)
            }
            ServiceError::Internal(cause) => {
                tracing::error!(error = &*cause as &dyn std::error::Error, "a page failed");
                AppError::new(AppErrorKind::Internal)
            }
        };
        answered(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_stays_inside() {
        let error = AppError::from(ServiceError::internal("relation \"votes\" does not exist"));
        assert_eq!(error.status(), 500);
        assert!(!error.sentence().contains("votes"), "{}", error.sentence());
        let error = AppError::from(ServiceError::Unavailable("10.0.0.7 refused".into()));
        assert_eq!(error.status(), 503);
        assert!(!error.sentence().contains("10.0"), "{}", error.sentence());
    }

    #[test]
    fn a_refusal_keeps_its_sentence() {
        let why = "Your roles do not let you read the audit log.";
        let error = AppError::from(ServiceError::Forbidden {
            code: "not_permitted",
            why: why.to_owned(),
        });
        assert_eq!((error.status(), error.sentence().as_str()), (403, why));
        assert_eq!(
            AppError::from(ServiceError::NotFound { what: "request" }).status(),
            404
        );
    }

    #[test]
    fn nobody_may_act_without_a_session() {
        let answer = Owner::new().with(|| acting().map(|_| ()));
        assert_eq!(answer.map_err(|error| error.status()), Err(401));
    }
}
