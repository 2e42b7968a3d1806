//! The generation, and reading everything that decisions depend on as of one.

use crate::{Store, StoreError};
use domain::digest::Digest;
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgExecutor, Transaction};
use std::time::Duration;

/// The channel on which a raised generation is announced. Only a hint.
const CHANNEL: &str = "spillway_generation";

/// How long the connection that listens may take to come about.
const CONNECTING: Duration = Duration::from_secs(3);

/// The present generation.
pub async fn current(db: impl PgExecutor<'_>) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!("SELECT last_value FROM generation")
        .fetch_one(db)
        .await?)
}

/// A connection of its own for loading, outside the pool: it takes a session's lock, and whatever goes wrong, dropping
/// the connection releases it. In the pool it would wait for its next user with the lock held.
#[derive(Debug)]
pub struct LoadingConnection(PgConnection);

impl LoadingConnection {
    /// Opens a connection outside of the pool. Whoever loads has a time limit besides.
    pub async fn open(store: &Store) -> Result<Self, StoreError> {
        let settings = [("lock_timeout", "4s"), ("statement_timeout", "5s")];
        Ok(Self(store.own_connection(&settings).await?))
    }

    /// The present generation.
    pub async fn generation(&mut self) -> Result<i64, StoreError> {
        current(&mut self.0).await
    }

    /// Begins a read of everything as of one generation, and says which. Drop the connection where this errors.
    ///
    /// A command holds the lock from raising the generation to its commit. Between two of them the generation is read
    /// and the transaction's snapshot taken; from then on the lock is not needed, and no command waits for a load to end.
    pub async fn begin(&mut self) -> Result<(Transaction<'_, sqlx::Postgres>, Versions), StoreError> {
        sqlx::query!("SELECT pg_advisory_lock_shared(7311500)")
            .execute(&mut self.0)
            .await?;
        let mut tx = self
            .0
            .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        // One statement, since decisions wait for the load: rows are read before what is selected from them is computed,
        // so the lock goes last.
        let row = sqlx::query!(
            r#"SELECT g.last_value AS "generation!", d.changed_by::text AS "directory!",
                   (SELECT p.digest FROM policy_versions p WHERE p.state = 'published') AS policy,
                   pg_advisory_unlock_shared(7311500) AS "unlocked!"
               FROM generation g, directory_version d"#
        )
        .fetch_one(&mut *tx)
        .await?;
        let policy = row
            .policy
            .map(|bytes| crate::error::digest("policy_versions", "digest", "published", &bytes))
            .transpose()?;
        let versions = Versions {
            generation: row.generation,
            directory: row.directory,
            policy,
        };
        Ok((tx, versions))
    }
}

/// Which version of everything a load reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The generation.
    pub generation: i64,
    /// A text that differs whenever the directory does.
    pub directory: String,
    /// The digest of the published policy version, without its text; none before the first is published.
    pub policy: Option<Digest>,
}

/// Hears of raised generations.
#[derive(Debug)]
pub struct Announcements(PgListener);

impl Announcements {
    /// Begins to listen, on a connection that nothing else shares.
    pub async fn listen(store: &Store) -> Result<Self, StoreError> {
        let own = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECTING)
            .connect_lazy_with(store.pool().connect_options().as_ref().clone());
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// Waits for the next announcement; none where it does not say which generation.
    pub async fn next(&mut self) -> Result<Option<i64>, StoreError> {
        Ok(self.0.recv().await?.payload().parse().ok())
    }
}

/// What the database's clock says: all nodes decide by the same one.
pub async fn database_time(db: impl PgExecutor<'_>) -> Result<domain::window::Instant, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#)
        .fetch_one(db)
        .await?)
}
