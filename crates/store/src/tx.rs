//! Connections and transactions.

use crate::StoreError;
use crate::generation::Generation;
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool};
use std::time::Duration;

/// How long a connection that listens may take to come about.
const CONNECTING: Duration = Duration::from_secs(3);

/// The pool of the serving role.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Wraps a pool whose connections have the role `spillway_app`.
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The pool, for reads.
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Opens a connection outside of the pool, with these settings beside the pool's own: for what must not wait while
    /// others hold every connection of the pool.
    pub async fn own_connection(&self, settings: &[(&str, &str)]) -> Result<PgConnection, StoreError> {
        let options = self.pool.connect_options();
        let options = options.as_ref().clone().options(settings.iter().copied());
        Ok(PgConnection::connect_with(&options).await?)
    }

    /// Listens to a channel, on a connection that nothing else shares.
    pub(crate) async fn listener(&self, channel: &str) -> Result<PgListener, StoreError> {
        let own = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECTING)
            .connect_lazy_with(self.pool.connect_options().as_ref().clone());
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// Begins a transaction. Dropped without [`Tx::commit`], it is undone.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx {
            inner: self.pool.begin().await?,
        })
    }
}

/// A transaction. Only `service`'s `finish` commits one, so that no change goes without its event.
#[derive(Debug)]
pub struct Tx {
    inner: sqlx::Transaction<'static, sqlx::Postgres>,
}

impl Tx {
    /// The connection, for statements within the transaction.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Raises the generation under the exclusive lock; the last step before the commit. Decisions that were evaluated
    /// under the old one commit before it or are evaluated again.
    pub async fn raise_generation(&mut self) -> Result<Generation, StoreError> {
        Ok(self.raise().await?.1)
    }

    /// The same, only from that generation; none where the present one is another. Roll back then.
    pub async fn raise_generation_from(
        &mut self,
        from: Generation,
    ) -> Result<Option<Generation>, StoreError> {
        let (was, raised) = self.raise().await?;
        Ok((was == from).then_some(raised))
    }

    async fn raise(&mut self) -> Result<(Generation, Generation), StoreError> {
        let row = sqlx::query!(
            r#"SELECT was_counter AS "was_counter!", was_epoch AS "was_epoch!", counter AS "counter!", epoch AS "epoch!"
               FROM raise_generation_epoch()"#
        )
        .fetch_one(self.conn())
        .await?;
        let was = Generation {
            counter: row.was_counter,
            epoch: row.was_epoch,
        };
        let raised = Generation {
            counter: row.counter,
            epoch: row.epoch,
        };
        Ok((was, raised))
    }

    /// The generation, held shared until the transaction ends: no command raises it meanwhile. The last step before the
    /// commit, like [`Self::raise_generation`], so that nobody waits for a row with it in hand.
    pub async fn hold_generation(&mut self) -> Result<Generation, StoreError> {
        let held = sqlx::query_as!(
            Generation,
            r#"SELECT counter AS "counter!", epoch AS "epoch!" FROM hold_generation_epoch()"#
        )
        .fetch_one(self.conn())
        .await?;
        Ok(held)
    }

    /// Undoes it, and has let its locks go on return. Dropping does the same at some later moment.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }

    /// Commits.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one commit; `service::command::finish` is its one caller"
    )]
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}
