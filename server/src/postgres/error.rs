use std::path::PathBuf;

/// Why the private database did not start or stop. Meant for whoever runs the server, not for its users.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// Another server runs on this data folder.
    #[error(
        "the data folder {} is in use by another server{}; stop that one, or choose another folder",
        folder.display(),
        pid.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// Who holds it, if that is known.
        pid: Option<String>,
    },

    /// No PostgreSQL server programs of a version we support were found.
    #[error(
        "found no PostgreSQL server programs (initdb, pg_ctl, postgres) of version {} or newer: install them \
         (Debian: postgresql, Homebrew: postgresql@17), or name a server in DATABASE_URL",
        super::programs::OLDEST_MAJOR
    )]
    ProgramsMissing,

    /// The cluster was made by a major version that is not installed any more.
    #[error(
        "the database in {} was made by PostgreSQL {major}, whose programs are not installed; install them, or \
         move the data with pg_upgrade",
        folder.display()
    )]
    OtherMajor {
        /// The cluster's folder.
        folder: PathBuf,
        /// The version it was made with.
        major: u32,
    },

    /// We run as root, which PostgreSQL refuses, and there is no user to run it as.
    #[error("PostgreSQL does not run as root, and this system has no user {} to run it as", tried.join(" or "))]
    NoAccount {
        /// The names that were looked up.
        tried: &'static [&'static str],
    },

    /// The cluster's files belong to another user than the one we run as.
    #[error("{} belongs to another user (uid {uid}); run as that user, or choose another data folder", folder.display())]
    OtherOwner {
        /// The cluster's folder.
        folder: PathBuf,
        /// Whom it belongs to.
        uid: u32,
    },

    /// Somebody else made the folder in which our socket belongs.
    #[error("{} exists and is not a folder of ours; remove it", folder.display())]
    SocketFolderTaken {
        /// The socket's folder.
        folder: PathBuf,
    },

    /// A program failed.
    #[error("{program} failed ({status}):\n{output}")]
    Program {
        /// Its name.
        program: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said, with the end of the server's log.
        output: String,
    },

    /// A file or a folder could not be read, written or started.
    #[error("cannot use {}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },

    /// The server runs, but does not answer as it should.
    #[error("the private database does not answer")]
    Database(#[from] sqlx::Error),

    /// The runtime went down while we waited.
    #[error("interrupted while waiting for the private database")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl PostgresError {
    /// For `map_err`: an I/O error with the path it happened at.
    pub(super) fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
