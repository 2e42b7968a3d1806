//! What decisions are made from, held in memory by every node and swapped as a whole.
//!
//! A node may be behind: it finds out when it records a decision, since the writer compares generations. Then it loads
//! anew and evaluates again. Notifications only keep that off the path of a decision.

mod entities;
mod follow;
mod fresh;
mod load;

pub use entities::{Entities, EntityVersion, directory_of, entity_versions};
pub use follow::Announcements;
pub use load::NotReady;

use crate::ServiceError;
use crate::clock::Clock;
use arc_swap::ArcSwap;
use domain::client::Client;
use domain::digest::Digest;
use domain::directory::Directory;
use domain::grant::Grant;
use domain::id::ClientId;
use domain::principal::PrincipalRef;
use policy::{DirectoryView, PolicyVersion, Snapshot};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store::generation::LoadingConnection;
use tokio::sync::Mutex;

/// How long a load may take.
const LOADING: Duration = Duration::from_secs(5);

/// Everything that decisions depend on, at one generation.
#[derive(Debug)]
pub struct Loaded {
    generation: i64,
    clients: HashMap<Digest, Arc<Client>>,
    clients_by_id: HashMap<ClientId, Arc<Client>>,
    directory: Arc<Directory>,
    directory_version: String,
    entities: Arc<Entities>,
    grants: HashMap<PrincipalRef, Vec<Arc<Grant>>>,
    snapshot: Result<Snapshot, NotReady>,
}

impl Loaded {
    /// The generation.
    pub const fn generation(&self) -> i64 {
        self.generation
    }

    /// What [`policy::evaluate()`] takes. Errors with [`ServiceError::Unavailable`] where nothing can be decided: before
    /// the first policy is published, or where policy and directory do not fit each other.
    pub fn snapshot(&self) -> Result<&Snapshot, ServiceError> {
        self.snapshot
            .as_ref()
            .map_err(|why| ServiceError::Unavailable(Box::new(why.clone())))
    }

    /// The policy version in force. Errors as [`Self::snapshot`].
    pub fn policy(&self) -> Result<&Arc<PolicyVersion>, ServiceError> {
        Ok(self.snapshot()?.policy())
    }

    /// The directory as Cedar sees it. Errors as [`Self::snapshot`].
    pub fn view(&self) -> Result<&Arc<DirectoryView>, ServiceError> {
        Ok(self.snapshot()?.directory())
    }

    /// The directory.
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The client that a token belongs to, by the token's SHA-256. What is compared is a digest that the caller cannot
    /// choose, so the time of the look-up says nothing about any token.
    pub fn client(&self, token: &Digest) -> Option<&Arc<Client>> {
        self.clients.get(token)
    }

    /// A client by id; none where it was revoked.
    pub fn client_by_id(&self, id: ClientId) -> Option<&Arc<Client>> {
        self.clients_by_id.get(&id)
    }

    /// All clients that are not revoked.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.values()
    }

    /// The digests of entity versions, for decision records.
    pub fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The standing grants of a principal.
    pub fn grants_of(&self, principal: &PrincipalRef) -> &[Arc<Grant>] {
        self.grants.get(principal).map_or(&[], Vec::as_slice)
    }
}

/// Holds the present [`Loaded`].
#[derive(Clone)]
pub struct Snapshots {
    held: Arc<Held>,
}

struct Held {
    current: ArcSwap<Loaded>,
    store: Store,
    clock: Arc<dyn Clock>,
    /// The connection that loads. Whoever holds it loads for all who wait.
    loading: Mutex<Option<LoadingConnection>>,
}

impl std::fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshots")
            .field("generation", &self.current().generation)
            .finish_non_exhaustive()
    }
}

impl Snapshots {
    /// Loads for the first time. Run [`Self::follow`] on a task besides, so that changes arrive before they are needed.
    pub async fn start(store: Store, clock: Arc<dyn Clock>) -> Result<Self, ServiceError> {
        let mut conn = LoadingConnection::open(&store).await?;
        let first = load::load(&mut conn, None, clock.now()).await?;
        Ok(Self {
            held: Arc::new(Held {
                current: ArcSwap::from_pointee(first),
                store,
                clock,
                loading: Mutex::new(Some(conn)),
            }),
        })
    }

    /// What this node holds now. It may be behind; the writer notices.
    pub fn current(&self) -> Arc<Loaded> {
        self.held.current.load_full()
    }

    /// Makes this node hold that generation or a later one. Errors when the database does not answer in time. A caller that
    /// goes away does not end the load: others wait for it, and the next one would begin it again.
    pub async fn reach(&self, generation: i64) -> Result<(), ServiceError> {
        if self.held.current.load().generation >= generation {
            return Ok(());
        }
        let this = self.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "it is waited for here, and ends within its time limit"
        )]
        let load = tokio::spawn(async move { in_time(this.load(generation)).await });
        load.await.map_err(ServiceError::internal)?
    }

    /// The generation that the database is at.
    async fn newest(&self) -> Result<i64, ServiceError> {
        in_time(async {
            let mut loading = self.held.loading.lock().await;
            let mut conn = self.connection(&mut loading).await?;
            let generation = conn.generation().await?;
            *loading = Some(conn);
            Ok(generation)
        })
        .await
    }

    async fn load(&self, generation: i64) -> Result<(), ServiceError> {
        let mut loading = self.held.loading.lock().await;
        let before = self.current();
        if before.generation >= generation {
            return Ok(());
        }
        let mut conn = self.connection(&mut loading).await?;
        let loaded = load::load(&mut conn, Some(&before), self.held.clock.now()).await?;
        *loading = Some(conn);
        if loaded.generation < generation {
            return Err(ServiceError::internal(format!(
                "generation {generation} was announced, but the database is at {}",
                loaded.generation
            )));
        }
        self.held.current.store(Arc::new(loaded));
        Ok(())
    }

    /// Taken out while it is in use: an error or a time limit drops it, and with it the session's lock.
    async fn connection(
        &self,
        loading: &mut Option<LoadingConnection>,
    ) -> Result<LoadingConnection, ServiceError> {
        match loading.take() {
            Some(conn) => Ok(conn),
            None => Ok(LoadingConnection::open(&self.held.store).await?),
        }
    }
}

/// Waiting for whoever loads included: a database that is gone without a word keeps nobody longer.
async fn in_time<T>(work: impl Future<Output = Result<T, ServiceError>>) -> Result<T, ServiceError> {
    tokio::time::timeout(LOADING, work)
        .await
        .map_err(|late| ServiceError::Unavailable(Box::new(late)))?
}
