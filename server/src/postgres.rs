//! The private database: a PostgreSQL cluster of our own, for who runs `spillway` without a `DATABASE_URL`.
//!
//! ```text
//! start = lock the data folder → find the programs → choose the OS user → initdb when new
//!       → end what a killed server left → write the configuration → pg_ctl start → create the database
//! ```
//!
//! It listens on a socket in a folder of mode 0700, never on TCP, and knows its one client by the kernel's word
//! (`peer`): no password exists that could leak. The same OS user may log in as the owner (migrations) and as the
//! application; so whoever controls that OS user controls the database, and only the ledger's signatures and
//! witnesses hold against them.
//!
//! Invariants:
//! - A data folder has one server at a time: the lock is taken first and released last.
//! - No server process is left behind: [`PrivatePostgres::stop`] and `Drop` end it; after a `kill -9` of ours, the next
//!   start on the same folder does.
//! - Nothing here runs as root: where we do, the cluster's processes and files belong to an unprivileged user.
//!
//! The programs are driven with plain blocking calls on a blocking thread: they take a second at start and at stop.

mod account;
mod cluster;
mod error;
mod lock;
mod postmaster;
mod programs;
mod socket;

use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateDatabase;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

pub use self::error::PostgresError;

use self::cluster::Cluster;

/// The role that owns the schema: it runs the migrations, and nothing else should log in as it.
pub const OWNER_ROLE: &str = "spillway_owner";
/// The role that the running application logs in as. The migrations create it and say what it may do.
pub const APP_ROLE: &str = "spillway_app";
/// The database's name.
pub const DATABASE: &str = "spillway";

/// A running private cluster. Stops when dropped; call [`stop`](Self::stop) to learn whether that went well.
///
/// `std::process::exit` drops nothing: leave `main` by returning.
#[derive(Debug)]
pub struct PrivatePostgres {
    cluster: Cluster,
}

impl PrivatePostgres {
    /// Starts the cluster below `data_dir`, which is created if it is not there, and makes sure the database
    /// exists (empty at first: the migrations are the caller's).
    ///
    /// The first start takes one to two seconds for `initdb`, later ones well under one.
    ///
    /// # Errors
    /// [`PostgresError::InUse`] if another server runs on the folder; [`PostgresError::ProgramsMissing`] and
    /// [`PostgresError::OtherMajor`] if the installed programs will not do; the others tell what went wrong in which
    /// place.
    pub async fn start(data_dir: &Path) -> Result<Self, PostgresError> {
        let data_dir = data_dir.to_owned();
        let cluster = tokio::task::spawn_blocking(move || Cluster::start(&data_dir))
            .await
            .map_err(PostgresError::Interrupted)??;
        let this = Self { cluster };

        let url = this.url();
        if !sqlx::Postgres::database_exists(&url).await? {
            sqlx::Postgres::create_database(&url).await?;
        }
        Ok(this)
    }

    /// `postgres:///spillway?host=<socket folder>&user=spillway_owner`, for programs that want a URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_as(OWNER_ROLE)
    }

    /// The same URL for the application's role.
    #[must_use]
    pub fn app_url(&self) -> String {
        self.url_as(APP_ROLE)
    }

    /// How to connect as the owner. Independent of `PG*` variables in our environment.
    #[must_use]
    pub fn owner_options(&self) -> PgConnectOptions {
        self.options_as(OWNER_ROLE)
    }

    /// How to connect as the application. Works once the migrations have created the role.
    #[must_use]
    pub fn app_options(&self) -> PgConnectOptions {
        self.options_as(APP_ROLE)
    }

    /// The folder that holds the cluster's files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.cluster.folder()
    }

    /// The folder that holds the socket.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        self.cluster.socket_folder()
    }

    /// The process id of the postmaster, if it runs.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.cluster.pid()
    }

    /// Ends all sessions, writes everything down and waits until the server is gone. Close pools before.
    ///
    /// # Errors
    /// [`PostgresError::Program`] with what `pg_ctl` said.
    pub async fn stop(self) -> Result<(), PostgresError> {
        let mut cluster = self.cluster;
        tokio::task::spawn_blocking(move || cluster.stop())
            .await
            .map_err(PostgresError::Interrupted)?
    }

    /// Forgets the running server, as a `kill -9` of this process would: the lock is released and nothing is stopped.
    /// For the test of what the next start makes of that.
    #[doc(hidden)]
    pub fn abandon(mut self) {
        self.cluster.abandon();
    }

    fn url_as(&self, role: &str) -> String {
        let host: String =
            url::form_urlencoded::byte_serialize(self.socket_folder().as_os_str().as_encoded_bytes())
                .collect();
        format!("postgres:///{DATABASE}?host={host}&user={role}&sslmode=disable")
    }

    fn options_as(&self, role: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(PathBuf::from(self.socket_folder()))
            .port(socket::PORT)
            .username(role)
            .database(DATABASE)
            // A socket needs no encryption, and asking for it costs a round trip.
            .ssl_mode(PgSslMode::Disable)
    }
}
