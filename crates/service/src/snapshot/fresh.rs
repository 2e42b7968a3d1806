//! Reading what was just written: commands and pages start from the present generation.

use super::{Loaded, Snapshots};
use crate::ServiceError;
use std::sync::Arc;
use store::{Tx, generation};

impl Snapshots {
    /// What is in force now, as the database says. A decision does not need this, since its writer compares generations;
    /// a command judges people and limits, which no writer checks again.
    pub async fn current_for_commands(&self) -> Result<Arc<Loaded>, ServiceError> {
        let generation = generation::current(self.held.store.pool()).await?;
        self.reach(generation).await?;
        Ok(self.current())
    }

    /// The same within a transaction that has locked what it judges, over its own connection: those who wait for the lock
    /// may hold every other one of the pool.
    pub(crate) async fn current_within(&self, tx: &mut Tx) -> Result<Arc<Loaded>, ServiceError> {
        let generation = generation::current(tx.conn()).await?;
        self.reach(generation).await?;
        Ok(self.current())
    }
}
