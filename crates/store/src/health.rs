//! Whether the database takes writes.

use crate::{Store, StoreError};
use sqlx::{Connection as _, PgConnection};

/// Whether a connection is alive and its session takes writes.
pub async fn takes_writes(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT current_setting('transaction_read_only') = 'off' AS "writes!""#)
        .fetch_one(conn)
        .await
}

/// A connection of its own for probing: whatever the pool waits for, a node knows whether it can record.
#[derive(Debug)]
pub struct Probe(PgConnection);

impl Probe {
    /// Connects as the pool does.
    pub async fn open(store: &Store) -> Result<Self, StoreError> {
        let settings = [("lock_timeout", "1s"), ("statement_timeout", "2s")];
        Ok(Self(store.own_connection(&settings).await?))
    }

    /// Writes a row with so many bytes and takes it back.
    pub async fn write(&mut self, size_bytes: usize) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query!(
            "INSERT INTO write_probes (filler) VALUES ($1)",
            vec![0; size_bytes]
        )
        .execute(&mut *tx)
        .await?;
        Ok(tx.rollback().await?)
    }
}
