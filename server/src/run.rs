//! From the command line to a running process.

mod bootstrap;
mod demo;
mod migrate;
mod operator;
mod serve;
mod verify;

use leptos::config::LeptosOptions;
use std::path::Path;
use tracing_subscriber::EnvFilter;

use crate::command::{Command, CommandLine};
use crate::config::ConfigError;
use crate::database::DatabaseError;
use crate::demo_idp::DemoIdpError;
use crate::http::rate_limit::RateError;
use crate::sign_in::OutboundError;

/// Why a command failed. `main` prints it with its causes.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration.
    #[error("the configuration will not do")]
    Config(#[from] ConfigError),
    /// The database.
    #[error("no database")]
    Database(#[from] DatabaseError),
    /// `migrate` without a name.
    #[error(
        "`database_url` is missing: name the database and its owner with DATABASE_URL; a private one needs no migrating"
    )]
    NoDatabaseNamed,
    /// The demo with a name.
    #[error("the demo has a database of its own and takes no other: unset DATABASE_URL")]
    DemoWithDatabase,
    /// The demo's provider.
    #[error("no identity provider")]
    Provider(#[from] DemoIdpError),
    /// The built site.
    #[error(
        "the site is not built whole: {missing} is missing; `script/server` builds it, and a package ships it",
        missing = .missing.display()
    )]
    Site {
        /// What is not there.
        missing: std::path::PathBuf,
    },
    /// The folder of this node.
    #[error("the folder {folder} cannot be made", folder = .folder.display())]
    Data {
        /// Which.
        folder: std::path::PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The port.
    #[error("cannot listen on {address}; is another server there?")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// TLS for calls to the provider.
    #[error("no client for the identity provider")]
    Outbound(#[from] OutboundError),
    /// A rate of nothing.
    #[error("a rate limit will not do")]
    Rate(#[from] RateError),
    /// An address that we made ourselves.
    #[error("an address is none")]
    Address(#[from] url::ParseError),
    /// A file of a bootstrap, or the demo's token.
    #[error("cannot use {path}", path = .path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The directory's text.
    #[error("{path} is no directory", path = .path.display())]
    Directory {
        /// Which file.
        path: std::path::PathBuf,
        /// Why not.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// What was to be put in force has faults.
    #[error("nothing was changed:\n{}", .0.join("\n"))]
    Faults(Vec<String>),
    /// A policy and a directory were refused.
    #[error(
        "nothing new is in force; people whom the directory no longer lists were removed if they are at most a tenth:\n{}",
        .0.join("\n")
    )]
    Refused(Vec<String>),
    /// The use cases.
    #[error("the use cases do not start")]
    Service(#[source] service::ServiceError),
    /// The demo's organisation and history.
    #[error("the demo could not be filled")]
    Seed(#[from] crate::demo::seed::SeedError),
    /// A part of a running node.
    #[error("this node has stopped by itself")]
    Failed(#[from] crate::node::PartFailed),
    /// The ledger's key.
    #[error("the ledger cannot be written")]
    Sequence(#[from] crate::sequence::SequenceStartError),
    /// What webhooks, chats and mail are sent with.
    #[error("notices cannot be delivered")]
    Courier(#[from] crate::deliver::CourierError),
    /// What tickets are looked up with.
    #[error("tickets cannot be looked up")]
    Tickets(#[from] notify::outgoing::ClientError),
    /// What seals addresses and secrets of endpoints.
    #[error("no key to seal secrets with")]
    Seal(#[from] service::notices::SealKeyError),
    /// `verify` could not read.
    #[error("nothing was verified")]
    Check(#[from] crate::verify::CheckError),
    /// `verify` found something.
    #[error("the ledger is not as it was signed")]
    NotIntact,
}

impl From<service::ServiceError> for RunError {
    fn from(error: service::ServiceError) -> Self {
        match error {
            service::ServiceError::Invalid(errors) => Self::Faults(
                errors
                    .into_iter()
                    .map(|error| format!("{}: {}", error.field, error.message))
                    .collect(),
            ),
            service::ServiceError::NotFound { what } => {
                Self::Faults(vec![format!("there is no such {what}")])
            }
            other => Self::Service(other),
        }
    }
}

/// Does what the command line says, until it is done or told to stop.
pub async fn run(line: CommandLine) -> Result<(), RunError> {
    log();
    crate::connections::descriptors::raise();
    match line.command {
        Command::Serve(configured) => serve::run(&configured).await,
        Command::Demo(demo) => demo::run(&demo).await,
        Command::Migrate(configured) => migrate::run(&configured).await,
        Command::Bootstrap(asked) => operator::bootstrap(&asked).await,
        Command::Client(asked) => operator::client(&asked).await,
        Command::Sessions(asked) => operator::session(&asked).await,
        Command::Verify(asked) => verify::run(&asked).await,
    }
}

/// Logs go to the error output, so that a command's own output can be read by a program. `RUST_LOG` says how much.
fn log() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_sessions_core=error"));
    // A second call, in a test, finds a subscriber there already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Looks for the built site: every page fails without it. The names of its files stand in `hash.txt`
/// beside the program, where the build puts it.
fn require_site(root: &Path) -> Result<(), RunError> {
    let pages = root.join("pkg");
    let hashes = std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(|folder| folder.join("hash.txt")));
    match [Some(pages), hashes]
        .into_iter()
        .flatten()
        .find(|needed| !needed.exists())
    {
        Some(missing) => Err(RunError::Site { missing }),
        None => Ok(()),
    }
}

/// Makes the folder of a node, for its owner alone.
fn make_folder(folder: &Path) -> Result<(), RunError> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| RunError::Data {
            folder: folder.to_path_buf(),
            source,
        })
}

/// How the built site's files are called; the build and `Cargo.toml` agree on it.
fn site(root: &Path) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("spillway")
        .site_root(root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .hash_files(true)
        .build()
}

async fn listen(address: std::net::SocketAddr) -> Result<tokio::net::TcpListener, RunError> {
    tokio::net::TcpListener::bind(address)
        .await
        .map_err(|source| RunError::Listen { address, source })
}
