//! Refusals that several commands on an opt-out share, so that a form and a client meet one code for one reason.

use crate::ServiceError;

/// No reason was given.
pub(crate) fn reason_missing(why: impl ToString) -> ServiceError {
    ServiceError::field("reason", "reason_missing", why.to_string())
}

/// Too long a reason was given.
pub(crate) fn reason_too_long(why: impl ToString) -> ServiceError {
    ServiceError::field("reason", "reason_too_long", why.to_string())
}

/// Its state allows it no more.
pub(crate) fn settled(why: impl ToString) -> ServiceError {
    conflict("settled", why)
}

/// Something else about it does not allow it.
pub(crate) fn conflict(code: &'static str, why: impl ToString) -> ServiceError {
    ServiceError::Conflict {
        code,
        why: why.to_string(),
    }
}
