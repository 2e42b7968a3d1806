//! Learning of changes before a decision needs them.

use super::Snapshots;
use crate::ServiceError;
use std::time::Duration;
use store::generation::{self, Generation};
use tokio_util::sync::CancellationToken;

/// How often the generation is asked for, whatever was announced: a notification may be lost with its connection.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// Whether a node listens for announcements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcements {
    /// Loads as soon as a change is announced.
    Heard,
    /// Does not listen: it finds out by asking every few seconds, or when it records a decision.
    Ignored,
}

impl Snapshots {
    /// Keeps this node near the present generation until `stop`. Errors are logged and tried again: a node that is behind
    /// decides nothing wrong, it only evaluates twice.
    pub async fn follow(self, announcements: Announcements, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.follow_for_ever(announcements) => {}
        }
    }

    async fn follow_for_ever(&self, announcements: Announcements) {
        let mut listener = None;
        loop {
            if listener.is_none() && announcements == Announcements::Heard {
                listener = self.listen().await;
            }
            let heard = match &mut listener {
                Some(listener) => tokio::time::timeout(ASK_EVERY, listener.next()).await,
                None => {
                    tokio::time::sleep(ASK_EVERY).await;
                    self.catch_up(None).await;
                    continue;
                }
            };
            match heard {
                Ok(Ok(announced)) => self.catch_up(announced).await,
                Ok(Err(error)) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "no longer listening for changes"
                    );
                    listener = None;
                    tokio::time::sleep(ASK_EVERY).await;
                }
                Err(_) => self.catch_up(None).await,
            }
        }
    }

    async fn listen(&self) -> Option<generation::Announcements> {
        generation::Announcements::listen(&self.held.store)
            .await
            .inspect_err(|error| {
                tracing::warn!(
                    error = error as &dyn std::error::Error,
                    "cannot listen for changes"
                );
            })
            .ok()
    }

    /// Reaches the announced generation, or the present one: an announcement with a lower counter than this node's is late,
    /// or tells of a database that went back.
    async fn catch_up(&self, announced: Option<Generation>) {
        let held = self.current().generation;
        let reached = async {
            let generation = match announced {
                Some(announced) if announced.counter > held.counter => announced,
                Some(_) | None => self.newest().await?,
            };
            self.reach(generation).await
        };
        if let Err(error) = reached.await as Result<(), ServiceError> {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the snapshot could not be reloaded"
            );
        }
    }
}
