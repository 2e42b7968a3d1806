//! A directory before it is in force: nodes prepare for it meanwhile.
//!
//! ```text
//! importer  propose ── notify ──► node  waiting ── read ── builds ── ready
//!    │ are_ready? ◄──────────────── a lock that says so ──────────┘
//!    └ change … adopt, commit: the directory's epoch is the proposal's id
//! ```
//!
//! Who is there and who is ready is said by locks of sessions: whoever dies is waited for no longer.

use crate::{Store, StoreError, Tx};
use domain::window::Instant;
use sqlx::postgres::PgListener;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// The channel on which proposals are announced.
const CHANNEL: &str = "spillway_next_directory";

/// What is different in a directory that is about to be put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The epoch that the directory will have.
    pub id: Uuid,
    /// The version that it differs from, as [`crate::generation::Versions::directory`] says it.
    pub base: String,
    /// What is different, as JSON.
    pub delta: String,
}

/// Stores a proposal, in the place of any that came to nothing, and announces it.
pub async fn propose(db: impl PgExecutor<'_>, proposal: &Proposal, now: Instant) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH others AS (DELETE FROM next_directories WHERE made_at < $4::timestamptz - interval '1 hour'),
              made AS (INSERT INTO next_directories (id, base, delta, made_at) VALUES ($1, $2, $3, $4))
         SELECT pg_notify('spillway_next_directory', $1::uuid::text)",
        proposal.id,
        proposal.base,
        proposal.delta,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

/// Whether every node that prepares for directories is ready for this one.
pub async fn are_ready(db: impl PgExecutor<'_>, id: Uuid) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) FILTER (WHERE classid = 7311502 AND objid = (hashtext($1) & 2147483647)::bigint::oid)
               >= count(*) FILTER (WHERE classid = 7311501) AS "ready!"
             FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 2
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"#,
        id.to_string(),
    )
    .fetch_one(db)
    .await?)
}

/// Makes the changed directory the one that was proposed. The last step of the change: any other change of the directory
/// gives it another epoch.
pub async fn adopt(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    sqlx::query!("UPDATE directory_version SET epoch = $1", id)
        .execute(tx.conn())
        .await?;
    withdraw(tx.conn(), id).await
}

/// Takes a proposal back.
pub async fn withdraw(db: impl PgExecutor<'_>, id: Uuid) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM next_directories WHERE id = $1", id)
        .execute(db)
        .await?;
    Ok(())
}

/// A node that prepares for directories.
#[derive(Debug)]
pub struct Waiting {
    listener: PgListener,
    /// Holds the locks.
    conn: PgConnection,
}

impl Waiting {
    /// Is waited for from now on, until it is dropped.
    pub async fn begin(store: &Store) -> Result<Self, StoreError> {
        let listener = store.listener(CHANNEL).await?;
        let mut conn = store.own_connection(&[("statement_timeout", "5s")]).await?;
        sqlx::query!("SELECT pg_advisory_lock_shared(7311501, 0)")
            .execute(&mut conn)
            .await?;
        Ok(Self { listener, conn })
    }

    /// Waits for the next proposal; none where it has been taken back by now.
    pub async fn next(&mut self) -> Result<Option<Proposal>, StoreError> {
        let heard = self.listener.recv().await?;
        let Ok(id) = heard.payload().parse::<Uuid>() else {
            return Ok(None);
        };
        Ok(sqlx::query_as!(
            Proposal,
            "SELECT id, base, delta FROM next_directories WHERE id = $1",
            id
        )
        .fetch_optional(&mut self.conn)
        .await?)
    }

    /// Says that nobody has to wait for this node any more, and of no proposal before.
    pub async fn ready(&mut self, id: Uuid, before: Option<Uuid>) -> Result<(), StoreError> {
        if let Some(before) = before {
            sqlx::query!(
                "SELECT pg_advisory_unlock_shared(7311502, hashtext($1) & 2147483647)",
                before.to_string(),
            )
            .fetch_one(&mut self.conn)
            .await?;
        }
        sqlx::query!(
            "SELECT pg_advisory_lock_shared(7311502, hashtext($1) & 2147483647)",
            id.to_string(),
        )
        .execute(&mut self.conn)
        .await?;
        Ok(())
    }
}
