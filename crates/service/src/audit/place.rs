//! Where an entry stands in the ledger.

use crate::{Service, ServiceError};
use domain::window::Instant;

/// The place of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerPlace {
    /// Its index, counted from nought; none while it waits for the sequencer.
    pub index: Option<i64>,
    /// The first signed head that covers it, as size and instant; none until one is signed.
    pub checkpoint: Option<(i64, Instant)>,
}

impl Service {
    pub(super) async fn ledger_place(&self, leaf_hash: &[u8; 32]) -> Result<LedgerPlace, ServiceError> {
        let pool = self.store().pool();
        let Some(index) = store::ledger_log::index_of(pool, leaf_hash).await? else {
            return Ok(LedgerPlace {
                index: None,
                checkpoint: None,
            });
        };
        let covering = store::ledger_log::checkpoint_over(pool, index).await?;
        Ok(LedgerPlace {
            index: Some(index),
            checkpoint: covering.map(|checkpoint| (checkpoint.size, checkpoint.at)),
        })
    }
}
