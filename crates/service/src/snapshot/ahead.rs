//! The next directory, built before it is in force: building takes far longer than a decision may wait.

use super::{Entities, Loaded, Snapshots};
use crate::ServiceError;
use arc_swap::ArcSwapOption;
use domain::digest::Digest;
use domain::directory::{Directory, OwnedDelta};
use domain::window::Instant;
use policy::DirectoryView;
use std::sync::Arc;
use std::time::Duration;
use store::directory::next::{self, Proposal, Waiting};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// After how long a node that cannot hear of proposals tries again.
const AGAIN: Duration = Duration::from_secs(2);

/// How long an importer waits for nodes. One that is slower builds the directory when it is in force.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often an importer asks whether they are ready.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A directory that is not in force yet, or just is.
#[derive(Debug)]
pub(super) struct Ahead {
    /// The epoch that it has once it is in force.
    pub(super) id: Uuid,
    pub(super) directory: Arc<Directory>,
    pub(super) entities: Arc<Entities>,
    /// As the policy of then sees it; none where it does not fit.
    pub(super) view: Option<Arc<DirectoryView>>,
}

/// What a node holds ready.
pub(super) type Held = ArcSwapOption<Ahead>;

impl Snapshots {
    /// Prepares for directories that are about to be put in force, until `stop`. Errors are logged and tried again: a node
    /// that is not prepared loads the directory when it is in force.
    pub async fn prepare_ahead(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.prepare_for_ever() => {}
        }
    }

    async fn prepare_for_ever(&self) {
        loop {
            let error = match Waiting::begin(&self.held.store).await {
                Ok(waiting) => self.prepare_each(waiting).await,
                Err(error) => error.into(),
            };
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot prepare for the next directory"
            );
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Returns why it could not go on.
    async fn prepare_each(&self, mut waiting: Waiting) -> ServiceError {
        let mut before = None;
        loop {
            let proposal = match waiting.next().await {
                Ok(Some(proposal)) => proposal,
                Ok(None) => continue,
                Err(error) => return error.into(),
            };
            let id = proposal.id;
            if let Err(error) = self.prepare(proposal).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "not prepared for the next directory"
                );
            }
            if let Err(error) = waiting.ready(id, before.replace(id)).await {
                return error.into();
            }
        }
    }

    async fn prepare(&self, proposal: Proposal) -> Result<(), ServiceError> {
        self.reach(self.newest().await?).await?;
        let present = self.current();
        let held = self.held.ahead.load();
        let has_it = held.as_ref().is_some_and(|ahead| ahead.id == proposal.id);
        if has_it || present.directory_version != proposal.base {
            return Ok(());
        }
        drop(held);
        let built = tokio::task::spawn_blocking(move || build(&present, &proposal));
        let ahead = built.await.map_err(ServiceError::internal)??;
        self.held.ahead.store(Some(Arc::new(ahead)));
        Ok(())
    }
}

fn build(present: &Loaded, proposal: &Proposal) -> Result<Ahead, ServiceError> {
    let delta: OwnedDelta = serde_json::from_str(&proposal.delta).map_err(ServiceError::internal)?;
    let directory = Arc::new(present.directory.with(delta).map_err(ServiceError::internal)?);
    let entities = present
        .entities
        .after(&present.directory, &directory)
        .map_err(ServiceError::internal)?;
    let view = present
        .policy()
        .ok()
        .and_then(|policy| DirectoryView::new(policy, Arc::clone(&directory)).ok());
    Ok(Ahead {
        id: proposal.id,
        directory,
        entities: Arc::new(entities),
        view: view.map(Arc::new),
    })
}

impl Ahead {
    /// Its view, if it is of this policy.
    pub(super) fn view_of(&self, policy: Digest) -> Option<&Arc<DirectoryView>> {
        self.view.as_ref().filter(|view| view.policy_digest() == policy)
    }
}

impl Snapshots {
    /// Proposes a directory to all nodes, and waits until they are prepared for it, or long enough. `view` is how the policy
    /// in force will see it, where that stays in force.
    pub(crate) async fn propose(
        &self,
        (id, now): (Uuid, Instant),
        base: &Loaded,
        directory: &Arc<Directory>,
        view: Option<&Arc<DirectoryView>>,
    ) -> Result<(), ServiceError> {
        let store = &self.held.store;
        let delta = base.directory.delta_to(directory);
        let proposal = Proposal {
            id,
            base: base.directory_version.clone(),
            delta: serde_json::to_string(&delta).map_err(ServiceError::internal)?,
        };
        next::propose(store.pool(), &proposal, now).await?;
        // This process has it in hand already.
        let entities = base
            .entities
            .after(&base.directory, directory)
            .map_err(ServiceError::internal)?;
        self.held.ahead.store(Some(Arc::new(Ahead {
            id,
            directory: Arc::clone(directory),
            entities: Arc::new(entities),
            view: view.cloned(),
        })));
        let ready = async {
            while !next::are_ready(store.pool(), id).await? {
                tokio::time::sleep(ASK_EVERY).await;
            }
            Ok(())
        };
        if let Ok(ready) = tokio::time::timeout(PATIENCE, ready).await {
            return ready;
        }
        tracing::warn!("a node is not prepared for the next directory: it will load it");
        Ok(())
    }
}
