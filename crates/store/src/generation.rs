//! The generation, and reading everything that decisions depend on as of one.

use crate::{Store, StoreError};
use domain::digest::Digest;
use sqlx::postgres::PgListener;
use sqlx::{Connection as _, Executor as _, PgConnection, PgExecutor, Transaction};

/// The channel on which a raised generation is announced. Only a hint.
const CHANNEL: &str = "spillway_generation";

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
    /// Takes a connection out of the pool.
    pub async fn open(store: &Store) -> Result<Self, StoreError> {
        let mut conn = store.pool().acquire().await?.detach();
        conn.execute("SET lock_timeout = '10s'").await?;
        Ok(Self(conn))
    }

    /// Begins a read of everything as of one generation, and says which. Drop the connection where this errors.
    ///
    /// A command holds the lock from raising the generation to its commit. Between two of them the generation is read
    /// and the transaction's snapshot taken; from then on the lock is not needed, and no command waits for a load to end.
    pub async fn begin(&mut self) -> Result<(Transaction<'_, sqlx::Postgres>, i64), StoreError> {
        sqlx::query!("SELECT pg_advisory_lock_shared(7311500)")
            .execute(&mut self.0)
            .await?;
        let mut tx = self
            .0
            .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let generation = current(&mut *tx).await?;
        sqlx::query_scalar!("SELECT pg_advisory_unlock_shared(7311500)")
            .fetch_one(&mut *tx)
            .await?;
        Ok((tx, generation))
    }
}

/// Hears of raised generations.
#[derive(Debug)]
pub struct Announcements(PgListener);

impl Announcements {
    /// Begins to listen.
    pub async fn listen(store: &Store) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(store.pool()).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// Waits for the next announcement; none where it does not say which generation.
    pub async fn next(&mut self) -> Result<Option<i64>, StoreError> {
        Ok(self.0.recv().await?.payload().parse().ok())
    }
}

/// A text that differs whenever the directory does.
pub async fn directory_version(db: impl PgExecutor<'_>) -> Result<String, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"SELECT changed_by::text AS "changed_by!" FROM directory_version"#)
            .fetch_one(db)
            .await?,
    )
}

/// The digest of the published policy version, without its text.
pub async fn published_digest(db: impl PgExecutor<'_>) -> Result<Option<Digest>, StoreError> {
    sqlx::query_scalar!("SELECT digest FROM policy_versions WHERE state = 'published'")
        .fetch_optional(db)
        .await?
        .map(|bytes| crate::error::digest("policy_versions", "digest", "published", &bytes))
        .transpose()
}

/// What the database's clock says: all nodes decide by the same one.
pub async fn database_time(db: impl PgExecutor<'_>) -> Result<domain::window::Instant, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#)
        .fetch_one(db)
        .await?)
}
