//! The database that a node serves from: one that is named, or a private one.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use service::ids::{Ids as _, RandomIds};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool};
use std::time::Duration;
use store::StoreError;

use crate::postgres::{PostgresError, PrivatePostgres};

/// Connections per node. The decision writer batches, so few are enough.
const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection before it answers 503.
const PATIENCE: Duration = Duration::from_millis(1_900);

/// How the connections that pages, forms and workers share are set: whatever one of them does, it gives its connection and
/// its locks back. Decisions use none of them, but connections of their own with these settings besides.
///
/// No statement runs as long as PostgreSQL would take to compile it, and what it expects of a new table makes it try.
const SHARED: [(&str, &str); 4] = [
    ("jit", "off"),
    ("statement_timeout", "15s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "30s"),
];

/// How long the look at the sessions may take: five short statements.
const SESSION_CHECK: Duration = Duration::from_secs(5);

/// An open database.
#[derive(Debug)]
pub struct Database {
    /// Connections of the serving role.
    pub pool: PgPool,
    private: Option<PrivatePostgres>,
}

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The named one.
    #[error("the database cannot be opened; is `DATABASE_URL` right, and does it run?")]
    Connect(#[source] sqlx::Error),
    /// The private one.
    #[error("the private database does not start")]
    Private(#[from] PostgresError),
    /// A pooler in between that mixes sessions up.
    #[error(
        "the statements of one connection reach different sessions of PostgreSQL, as behind PgBouncer with \
         `pool_mode = transaction`. Spillway needs whole sessions: name PostgreSQL itself in `DATABASE_URL`, or a pooler \
         with `pool_mode = session`"
    )]
    NoSessions,
    /// The schema.
    #[error("the schema could not be brought to this version")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// What is in it.
    #[error("the database could not be read")]
    Store(#[from] StoreError),
    /// `serve` on a demo's database.
    #[error("this is a demo's database: anybody may be anybody there. Name another one")]
    IsDemo,
    /// `demo` on somebody's real database.
    #[error("this folder holds a real installation, and a demo makes things up. Name another one")]
    IsReal,
}

impl Database {
    /// The one that is named. Its schema is brought to this version by `spillway migrate`, as another role.
    pub async fn named(url: &SecretString) -> Result<Self, DatabaseError> {
        let options: PgConnectOptions = url.expose_secret().parse().map_err(DatabaseError::Connect)?;
        let pool = connect(options).await?;
        let [a, b, c, d, e, f, g, h, ..] = RandomIds.secret();
        let key = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
        match tokio::time::timeout(SESSION_CHECK, store::pooler::keeps_sessions(&pool, key)).await {
            Ok(Ok(true)) => Ok(Self { pool, private: None }),
            Ok(Ok(false)) => Err(DatabaseError::NoSessions),
            Ok(Err(error)) => Err(error.into()),
            // A pooler with a single session lets the second connection wait for the first for ever.
            Err(_) => Err(DatabaseError::Connect(sqlx::Error::PoolTimedOut)),
        }
    }

    /// A private one below `data`, brought to this version's schema.
    pub async fn private(data: &Path) -> Result<Self, DatabaseError> {
        let private = PrivatePostgres::start(data).await?;
        migrate(private.owner_options()).await?;
        Ok(Self {
            pool: connect(private.app_options()).await?,
            private: Some(private),
        })
    }

    /// Empties what a demo that was never filled to the end has left, so that it can begin again.
    pub async fn empty_demo(self) -> Result<Self, DatabaseError> {
        let Some(private) = &self.private else {
            return Ok(self);
        };
        let mut owner = PgConnection::connect_with(&private.owner_options())
            .await
            .map_err(DatabaseError::Connect)?;
        if store::installation::empty_demo(&mut owner).await? {
            self.pool.close().await;
            migrate(private.owner_options()).await?;
            let pool = connect(private.app_options()).await?;
            return Ok(Self {
                pool,
                private: self.private,
            });
        }
        Ok(self)
    }

    /// Stamps a private database as a demo's, as its owner: the serving role can neither set the stamp nor take it off.
    pub async fn stamp_demo(&self) -> Result<(), DatabaseError> {
        let Some(private) = &self.private else {
            return Err(DatabaseError::IsReal);
        };
        let mut owner = PgConnection::connect_with(&private.owner_options())
            .await
            .map_err(DatabaseError::Connect)?;
        match store::installation::stamp_demo(&mut owner).await? {
            true => Ok(()),
            false => Err(DatabaseError::IsReal),
        }
    }

    /// Refuses what a demo has written.
    pub async fn refuse_demo(self) -> Result<Self, DatabaseError> {
        if store::installation::is_demo(&self.pool).await? {
            self.close().await?;
            return Err(DatabaseError::IsDemo);
        }
        Ok(self)
    }

    /// Closes all connections, and stops the private server.
    pub async fn close(self) -> Result<(), DatabaseError> {
        self.pool.close().await;
        match self.private {
            Some(private) => Ok(private.stop().await?),
            None => Ok(()),
        }
    }
}

/// Brings the schema of a named database to this version.
pub async fn migrate_named(url: &SecretString) -> Result<(), DatabaseError> {
    migrate(url.expose_secret().parse().map_err(DatabaseError::Connect)?).await
}

async fn migrate(owner: PgConnectOptions) -> Result<(), DatabaseError> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(owner)
        .await
        .map_err(DatabaseError::Connect)?;
    store::migrations::MIGRATOR.run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// Opens the pool of the serving role, as every node has it.
pub async fn connect(options: PgConnectOptions) -> Result<PgPool, DatabaseError> {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        // Instead of a ping: a session that began while the database was read-only stays so for its life.
        .test_before_acquire(false)
        .before_acquire(|conn, _| Box::pin(store::health::takes_writes(conn)))
        .connect_with(options.options(SHARED))
        .await
        .map_err(DatabaseError::Connect)
}
