//! The generation, and reading everything that decisions depend on as of one.

use crate::{Store, StoreError};
use domain::digest::Digest;
use sqlx::postgres::PgListener;
use sqlx::{Connection as _, PgConnection, PgExecutor, Transaction};

/// The channel on which a raised generation is announced. Only a hint.
const CHANNEL: &str = "spillway_generation";

/// The version of everything that decisions depend on. Two that are equal mean the same contents; the counter alone does
/// not, since a fail-over or a restore sets it back and the next changes raise it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// One more with each change.
    pub counter: i64,
    /// A random number that each change draws anew.
    pub epoch: uuid::Uuid,
}

impl std::fmt::Display for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.counter, self.epoch)
    }
}

/// The present generation. The two parts may be of different changes while one commits: equal to none that a node holds.
pub async fn current(db: impl PgExecutor<'_>) -> Result<Generation, StoreError> {
    Ok(sqlx::query_as!(
        Generation,
        "SELECT g.last_value AS counter, e.epoch FROM generation g, generation_epoch e"
    )
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
    pub async fn generation(&mut self) -> Result<Generation, StoreError> {
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
        // so the lock goes last. Each table has one row; the limits tell the planner so. Without them it expects
        // millions of rows of the product, and compiles the statement at each load.
        let row = sqlx::query!(
            r#"SELECT g.last_value AS counter, e.epoch, d.changed_by || ' ' || d.epoch AS "directory!",
                   d.epoch AS directory_epoch, r.epoch AS roles_seen,
                   p.digest AS "policy?", sha256(convert_to(p.files::text, 'UTF8')) AS policy_text,
                   EXISTS (SELECT FROM events v WHERE v.kind = 'policy.published' AND v.policy_digest = p.digest
                           AND v.at = p.published_at)
                       AND NOT EXISTS (SELECT FROM events v WHERE v.kind = 'policy.published' AND v.at > p.published_at)
                       AS "has_event!",
                   pg_advisory_unlock_shared(7311500) AS "unlocked!"
               FROM generation g
               CROSS JOIN (SELECT epoch FROM generation_epoch LIMIT 1) e
               CROSS JOIN (SELECT changed_by, epoch FROM directory_version LIMIT 1) d
               CROSS JOIN (SELECT epoch FROM roles_seen_version LIMIT 1) r
               LEFT JOIN policy_versions p ON p.state = 'published'"#
        )
        .fetch_one(&mut *tx)
        .await?;
        let policy = match (row.policy, row.policy_text) {
            (Some(digest), Some(text)) => Some(PublishedPolicy {
                digest: crate::error::digest("policy_versions", "digest", "published", &digest)?,
                text: crate::error::digest("policy_versions", "files", "published", &text)?,
                has_event: row.has_event,
            }),
            _ => None,
        };
        let versions = Versions {
            generation: Generation {
                counter: row.counter,
                epoch: row.epoch,
            },
            directory: row.directory,
            directory_epoch: row.directory_epoch,
            roles_seen: row.roles_seen,
            policy,
        };
        Ok((tx, versions))
    }
}

/// Which version of everything a load reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The generation.
    pub generation: Generation,
    /// A text that differs whenever the directory does.
    pub directory: String,
    /// The part of it that whoever changed the directory may have chosen: [`crate::directory::next::adopt`].
    pub directory_epoch: uuid::Uuid,
    /// Differs whenever [`crate::roles_seen::deciders()`] does.
    pub roles_seen: uuid::Uuid,
    /// The published policy version, without its text; none before the first is published.
    pub policy: Option<PublishedPolicy>,
}

/// The row that is marked as the published policy version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedPolicy {
    /// The digest that names it.
    pub digest: Digest,
    /// SHA-256 of the stored files as Postgres prints them. It says whether the text is the one that was read before,
    /// not whether it is the one that `digest` names.
    pub text: Digest,
    /// Whether the newest `policy.published` event is the one that put this version in force.
    pub has_event: bool,
}

/// Hears of raised generations.
#[derive(Debug)]
pub struct Announcements(PgListener);

impl Announcements {
    /// Begins to listen, on a connection that nothing else shares.
    pub async fn listen(store: &Store) -> Result<Self, StoreError> {
        Ok(Self(store.listener(CHANNEL).await?))
    }

    /// Waits for the next announcement; none where it does not say which generation.
    pub async fn next(&mut self) -> Result<Option<Generation>, StoreError> {
        let heard = self.0.recv().await?;
        Ok(heard.payload().split_once(' ').and_then(|(counter, epoch)| {
            Some(Generation {
                counter: counter.parse().ok()?,
                epoch: epoch.parse().ok()?,
            })
        }))
    }
}

/// A connection of its own for reading the database's clock: whatever the pool waits for, a node knows the time.
#[derive(Debug)]
pub struct ClockConnection(PgConnection);

impl ClockConnection {
    /// Connects as the pool does.
    pub async fn open(store: &Store) -> Result<Self, StoreError> {
        Ok(Self(store.own_connection(&[("statement_timeout", "2s")]).await?))
    }

    /// What the database's clock says.
    pub async fn read(&mut self) -> Result<domain::window::Instant, StoreError> {
        database_time(&mut self.0).await
    }
}

/// What the database's clock says: all nodes decide by the same one.
pub async fn database_time(db: impl PgExecutor<'_>) -> Result<domain::window::Instant, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#)
        .fetch_one(db)
        .await?)
}
