//! Why there is no measurement.

use std::io;

/// Anything that stops the program: figures of a run in which something failed would mean nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// Started by hand.
    #[error("the variable {0} is missing or unusable: start this by script/bench")]
    Environment(&'static str),
    /// A file, a process or a connection.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A program that was started.
    #[error("{program} failed:\n{said}")]
    Program {
        /// Which.
        program: String,
        /// Its output.
        said: String,
    },
    /// The database.
    #[error("the database did not do as asked")]
    Database(#[from] sqlx::Error),
    /// The use cases.
    #[error("a command was refused")]
    Service(#[from] service::ServiceError),
    /// The policy and directory for evaluation.
    #[error("nothing can be evaluated")]
    Synthetic(#[from] policy::synthetic::SyntheticError),
    /// The demo's directory.
    #[error("the demo's directory cannot be read")]
    Directory(#[from] toml::de::Error),
    /// An answer that is no decision.
    #[error("the server answered {status}: {body}")]
    Answer {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// The histogram.
    #[error("a latency cannot be counted")]
    Latency(#[from] hdrhistogram::CreationError),
    /// Something that ought to hold whatever the speed.
    #[error("{0}")]
    Wrong(String),
    /// A task of the load generator.
    #[error("a part of the load generator stopped")]
    Task(#[from] tokio::task::JoinError),
}

impl BenchError {
    /// For `map_err`.
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
