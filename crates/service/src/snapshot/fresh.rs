//! Reading what was just written: commands and pages start from the present generation.

use super::{Loaded, Snapshots};
use crate::ServiceError;
use std::sync::Arc;
use store::generation;

impl Snapshots {
    /// What is in force now, as the database says. A decision does not need this, since its writer compares generations;
    /// a command judges people and limits, which no writer checks again.
    pub async fn current_for_commands(&self) -> Result<Arc<Loaded>, ServiceError> {
        let generation = generation::current(self.held.store.pool()).await?;
        self.reach(generation).await?;
        Ok(self.current())
    }
}
