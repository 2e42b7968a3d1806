//! The use cases: authorise, change, persist, record, in one transaction.
//!
//! A command is always the same six steps: load for update in the caller's scope → authorise → pure domain transition →
//! save → append events → commit. The last two are `command::finish`, which takes the proof of an authorisation, so
//! that nothing commits without one.
//!
//! What must never enter: SQL (it is `store`'s), Cedar types (`policy`'s), leaf bytes (`ledger`'s), HTTP types.
//!
//! To add a command: a file in its aggregate's folder with one public function on [`Service`], its authorisation from
//! [`caller`], its event in `domain::event`, its test in `tests/`.

pub mod access_requests;
pub mod approvals;
pub mod audit;
pub mod break_glass;
pub mod budgets;
pub mod bulk;
pub mod caller;
pub mod clients;
pub mod clock;
pub mod command;
pub mod comments;
pub mod decisions;
pub mod delegations;
pub mod directory;
pub mod drafts;
pub mod enforcements;
mod error;
mod escalations;
pub mod grants;
pub mod home;
pub mod ids;
pub mod in_force;
pub mod inbox;
pub mod incidents;
pub mod ledger_log;
pub mod notices;
pub mod once;
pub mod opt_outs;
pub mod policies;
pub mod post_reviews;
pub mod premises;
mod reopening;
pub mod reporter;
pub mod sessions;
pub mod signals;
pub mod snapshot;
pub mod step_ups;
pub mod time;

pub use error::{FieldError, ServiceError};

use clock::Clock as _;
use ids::Ids;
use notices::Reach;
use snapshot::Snapshots;
use std::sync::Arc;
use store::{Store, Tx};
use time::Time;

/// All use cases over one database.
#[derive(Clone)]
pub struct Service {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    time: Time,
    ids: Arc<dyn Ids>,
    snapshots: Snapshots,
    reach: Reach,
    last_uses: clients::LastUses,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl Service {
    /// Puts the parts together; `snapshots` was started on the same store. People are reached on the pages alone.
    pub fn new(store: Store, time: Time, ids: Arc<dyn Ids>, snapshots: Snapshots) -> Self {
        Self::reaching(store, time, ids, snapshots, Reach::default())
    }

    /// The same, with what else people can be reached by.
    pub fn reaching(store: Store, time: Time, ids: Arc<dyn Ids>, snapshots: Snapshots, reach: Reach) -> Self {
        Self {
            parts: Arc::new(Parts {
                store,
                time,
                ids,
                snapshots,
                reach,
                last_uses: clients::LastUses::default(),
            }),
        }
    }

    /// What people can be reached by besides the pages.
    pub fn reach(&self) -> &Reach {
        &self.parts.reach
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The clock of this node, to ask whether it is right.
    pub fn time(&self) -> &Time {
        &self.parts.time
    }

    /// Now, by the database's clock. While the clock is wrong nothing can follow from it but what is shown: [`Self::begin`]
    /// and `command::finish` refuse.
    pub fn now(&self) -> domain::window::Instant {
        self.parts.time.now()
    }

    /// Now, for what changes something without a transaction. Errors as [`Self::begin`].
    pub(crate) fn checked_now(&self) -> Result<domain::window::Instant, ServiceError> {
        Ok(self.parts.time.checked()?)
    }

    /// Begins a command's transaction. Errors with [`ServiceError::Unavailable`] while nobody knows what time it is.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one way to begin a command, which asks the clock first"
    )]
    pub async fn begin(&self) -> Result<Tx, ServiceError> {
        self.parts.time.checked()?;
        Ok(self.parts.store.begin().await?)
    }

    /// What makes ids and salts.
    pub fn ids(&self) -> &dyn Ids {
        self.parts.ids.as_ref()
    }

    /// What decisions are made from.
    pub fn snapshots(&self) -> &Snapshots {
        &self.parts.snapshots
    }
}
