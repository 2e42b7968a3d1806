//! What a page or a server function answers when it cannot answer: a title, a sentence, a way forward.

use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// Why there is nothing to show. Safe to send to the browser: it holds nothing from inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.title())]
pub struct AppError {
    /// What kind of failure it is.
    pub kind: AppErrorKind,
    /// A sentence of our own that says more than the kind does, written for the reader.
    pub detail: Option<String>,
    /// The request's id, under which the logs say what happened.
    pub request_id: Option<String>,
}

/// The kinds of failure that a reader can tell apart, because each has another way forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppErrorKind {
    /// The request makes no sense: an unknown filter, a malformed id.
    BadRequest,
    /// Nobody is signed in, or the session has ended.
    SignedOut,
    /// Visible, but not this person's to see or do.
    Forbidden,
    /// It does not exist, or this person may not know that it does.
    NotFound,
    /// It has changed meanwhile.
    Conflict,
    /// Too many requests.
    TooMany,
    /// The database or another part that is needed is away; it resumes by itself.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// The id of the request that is being served. The server provides it as a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl AppError {
    /// An error of this kind in the request that is being served.
    pub fn new(kind: AppErrorKind) -> Self {
        Self {
            kind,
            detail: None,
            request_id: use_context::<RequestId>().map(|id| id.0),
        }
    }

    /// The same with a sentence for the reader. Never internal text.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The page's heading.
    pub fn title(&self) -> &'static str {
        match self.kind {
            AppErrorKind::BadRequest => "That request cannot be read",
            AppErrorKind::SignedOut => "You are signed out",
            AppErrorKind::Forbidden => "This is not yours to see",
            AppErrorKind::NotFound => "There is nothing here",
            AppErrorKind::Conflict => "It has changed meanwhile",
            AppErrorKind::TooMany => "Too many requests",
            AppErrorKind::Unavailable => "Spillway cannot reach its records",
            AppErrorKind::Internal => "Something went wrong on our side",
        }
    }

    /// What it means for the reader.
    pub fn sentence(&self) -> String {
        let kind = match self.kind {
            AppErrorKind::BadRequest => "The address holds something that this page does not know.",
            AppErrorKind::SignedOut => "Your session has ended. Sign in to go on; nothing was changed.",
            AppErrorKind::Forbidden => {
                "Your roles do not allow it. Whoever looks after them can change that."
            }
            AppErrorKind::NotFound => "The address is wrong, or what it names is not visible to you.",
            AppErrorKind::Conflict => "Somebody else was quicker. Look at it again before you decide.",
            AppErrorKind::TooMany => "Wait a minute, then try again.",
            AppErrorKind::Unavailable => {
                "Decisions that need them are refused until it can. It resumes by itself; nothing is lost."
            }
            AppErrorKind::Internal => "It is recorded with the request below. Nothing was changed.",
        };
        self.detail.clone().unwrap_or_else(|| kind.to_owned())
    }

    /// The HTTP status of a page or a server function that answers with this.
    pub fn status(&self) -> u16 {
        match self.kind {
            AppErrorKind::BadRequest => 400,
            AppErrorKind::SignedOut => 401,
            AppErrorKind::Forbidden => 403,
            AppErrorKind::NotFound => 404,
            AppErrorKind::Conflict => 409,
            AppErrorKind::TooMany => 429,
            AppErrorKind::Unavailable => 503,
            AppErrorKind::Internal => 500,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let kind = match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => AppErrorKind::BadRequest,
            // The browser could not reach the server.
            ServerFnErrorErr::Request(_) => AppErrorKind::Unavailable,
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => AppErrorKind::Internal,
        };
        Self::new(kind)
    }
}
