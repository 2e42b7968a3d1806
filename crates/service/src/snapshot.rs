//! What decisions are made from, held in memory by every node and swapped as a whole.
//!
//! A node may be behind: it finds out when it records a decision, since the writer compares generations. Then it loads
//! anew and evaluates again. Notifications only keep that off the path of a decision.

mod ahead;
mod entities;
mod follow;
mod fresh;
mod load;

pub use entities::{Entities, EntityVersion, directory_of, entity_versions};
pub use follow::Announcements;
pub use load::NotReady;

use crate::ServiceError;
use crate::approvals::Electors;
use crate::time::Time;
use arc_swap::ArcSwap;
use domain::client::Client;
use domain::digest::Digest;
use domain::directory::Directory;
use domain::grant::Grant;
use domain::id::ClientId;
use domain::name::PersonId;
use domain::principal::PrincipalRef;
use domain::window::Instant;
use policy::{DirectoryView, PolicyVersion, Snapshot};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::Store;
use store::generation::{Generation, LoadingConnection, PublishedPolicy};
use tokio::sync::Mutex;

/// How long a load may take.
const LOADING: Duration = Duration::from_secs(5);

/// Everything that decisions depend on, at one generation.
#[derive(Debug)]
pub struct Loaded {
    generation: Generation,
    /// How many loads this node had begun with this one: of two, the greater began later.
    number: u64,
    clients: HashMap<Digest, (Arc<Client>, Option<Instant>)>,
    clients_by_id: HashMap<ClientId, Arc<Client>>,
    directory: Arc<Directory>,
    directory_version: String,
    /// Of everybody who has signed in: whether their roles let them decide then.
    roles_seen: Arc<HashMap<PersonId, bool>>,
    roles_version: uuid::Uuid,
    published: Option<PublishedPolicy>,
    entities: Arc<Entities>,
    grants: HashMap<PrincipalRef, Vec<Arc<Grant>>>,
    snapshot: Result<Snapshot, NotReady>,
    /// When it was loaded, by the monotonic clock.
    at: std::time::Instant,
}

impl Loaded {
    /// How long ago it was loaded.
    pub fn age(&self) -> std::time::Duration {
        self.at.elapsed()
    }

    /// The generation.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Orders what one node has loaded: the greater began to load later. The generation's counter does not say that.
    pub(crate) const fn number(&self) -> u64 {
        self.number
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

    /// Who decides by now.
    pub(crate) fn electors(&self) -> Electors<'_> {
        Electors::new(&self.directory, &self.roles_seen)
    }

    /// The client that a token belongs to, by the token's SHA-256; none once the token was rotated out and its time is
    /// over. What is compared is a digest that the caller cannot choose, so the time of the look-up says nothing about any
    /// token.
    pub fn client(&self, token: &Digest, now: Instant) -> Option<&Arc<Client>> {
        let (client, ends_at) = self.clients.get(token)?;
        ends_at.is_none_or(|ends_at| now < ends_at).then_some(client)
    }

    /// A client by id; none where it was revoked.
    pub fn client_by_id(&self, id: ClientId) -> Option<&Arc<Client>> {
        self.clients_by_id.get(&id)
    }

    /// All clients that are not revoked.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients_by_id.values()
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
    time: Time,
    /// The connection that loads. Whoever holds it loads for all who wait.
    loading: Mutex<Option<LoadingConnection>>,
    /// How many loads have begun.
    begun: AtomicU64,
    /// The directory that is about to be in force.
    ahead: ahead::Held,
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
    pub async fn start(store: Store, time: Time) -> Result<Self, ServiceError> {
        let mut conn = LoadingConnection::open(&store).await?;
        let first = load::load(&mut conn, (None, None), 0, time.sampled()).await?;
        Ok(Self {
            held: Arc::new(Held {
                current: ArcSwap::from_pointee(first),
                store,
                time,
                loading: Mutex::new(Some(conn)),
                begun: AtomicU64::new(0),
                ahead: ahead::Held::empty(),
            }),
        })
    }

    /// What this node holds now. It may be behind; the writer notices.
    pub fn current(&self) -> Arc<Loaded> {
        self.held.current.load_full()
    }

    /// Makes this node hold that generation, or what came after it. Errors when the database does not answer in time. A caller
    /// that goes away does not end the load: others wait for it, and the next one would begin it again.
    ///
    /// Which of two generations is the later one their counters do not say, since a restored database counts again from
    /// an earlier number. So the node loads whenever it holds another one than that.
    pub async fn reach(&self, generation: Generation) -> Result<(), ServiceError> {
        if self.held.current.load().generation == generation {
            return Ok(());
        }
        // That generation is there already: a load that begins from now on reads it or a later one.
        let begun = self.held.begun.load(Ordering::SeqCst);
        let this = self.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "it is waited for here, and ends within its time limit"
        )]
        let load = tokio::spawn(async move { in_time(this.load(generation, begun)).await });
        load.await.map_err(ServiceError::internal)?
    }

    /// The generation that the database is at.
    async fn newest(&self) -> Result<Generation, ServiceError> {
        in_time(async {
            let mut loading = self.held.loading.lock().await;
            let mut conn = self.connection(&mut loading).await?;
            let generation = conn.generation().await?;
            *loading = Some(conn);
            Ok(generation)
        })
        .await
    }

    /// Loads, unless another one has done so that began after `begun` had.
    async fn load(&self, generation: Generation, begun: u64) -> Result<(), ServiceError> {
        let mut loading = self.held.loading.lock().await;
        let before = self.current();
        if before.generation == generation || before.number > begun {
            return Ok(());
        }
        let mut conn = self.connection(&mut loading).await?;
        let number = self.held.begun.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        let ahead = self.held.ahead.load_full();
        let held = (Some(&*before), ahead.as_deref());
        let loaded = load::load(&mut conn, held, number, self.held.time.sampled()).await?;
        *loading = Some(conn);
        if ahead.is_some_and(|ahead| Arc::ptr_eq(&ahead.directory, &loaded.directory)) {
            self.held.ahead.store(None);
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
