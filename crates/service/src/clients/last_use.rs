//! When tokens were last used. Noted in memory where a client is recognised, and written by a worker: no decision waits
//! for it, and a node writes at most once for each round of the worker.

use crate::{Service, ServiceError};
use domain::digest::Digest;
use domain::window::Instant;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Uses that are not written yet: SHA-256 of the token → its last use.
#[derive(Debug, Default)]
pub(crate) struct LastUses(Mutex<HashMap<Digest, Instant>>);

impl LastUses {
    fn held(&self) -> MutexGuard<'_, HashMap<Digest, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Notes that a client was recognised by this token.
    pub fn note_client_use(&self, token: Digest, at: Instant) {
        self.parts.last_uses.held().insert(token, at);
    }

    /// Writes what was noted since the last call. What could not be written is tried again by the next one.
    pub async fn store_client_uses(&self) -> Result<(), ServiceError> {
        let uses: Vec<(Digest, Instant)> = std::mem::take(&mut *self.parts.last_uses.held())
            .into_iter()
            .collect();
        if uses.is_empty() {
            return Ok(());
        }
        let stored = store::clients::note_uses(self.store().pool(), &uses).await;
        if stored.is_err() {
            let mut held = self.parts.last_uses.held();
            for (token, at) in uses {
                held.entry(token).or_insert(at);
            }
        }
        Ok(stored?)
    }
}
