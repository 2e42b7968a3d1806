//! What a use case may answer instead of a result. It knows no status codes; `server` and `app` each have one place
//! that turns it into a problem or a page.

use store::StoreError;

/// What is wrong with one field of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Its name in the input: `reason`, `scope/rules`.
    pub field: String,
    /// A code that clients may read.
    pub code: &'static str,
    /// A sentence for the person who typed it.
    pub message: String,
}

impl FieldError {
    /// Puts one together.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// An error of a use case.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It is not there, or not for this caller to see.
    #[error("no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The caller sees it and may not do this.
    #[error("{why}")]
    Forbidden {
        /// A code that clients may read.
        code: &'static str,
        /// A sentence for the caller.
        why: String,
    },
    /// The input is wrong.
    #[error("the input is wrong in {} places", .0.len())]
    Invalid(Vec<FieldError>),
    /// The state does not allow it, or somebody was faster.
    #[error("{why}")]
    Conflict {
        /// A code that clients may read.
        code: &'static str,
        /// A sentence for the caller.
        why: String,
    },
    /// Nothing can be decided or changed now; nothing was.
    #[error("not available now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A defect or a damaged row; the cause is logged, never shown.
    #[error("something is wrong inside")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ServiceError {
    /// An input that is wrong in one field.
    pub fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// Something inside that cannot be helped.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(_) => Self::Unavailable(Box::new(error)),
            StoreError::Stale { .. } => Self::Conflict {
                code: "changed_meanwhile",
                why: "Somebody changed this meanwhile. Look at it again, then decide.".to_owned(),
            },
            StoreError::Unstorable(_) => Self::field(
                "",
                "unstorable_text",
                "A text holds a character that cannot be stored, such as U+0000. Remove it.",
            ),
            StoreError::Constraint { .. }
            | StoreError::Refused(_)
            | StoreError::Inconsistent { .. }
            | StoreError::Unwritable { .. } => Self::Internal(Box::new(error)),
        }
    }
}
