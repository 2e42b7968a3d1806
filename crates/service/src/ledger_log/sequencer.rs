//! Places pending entries in the log and signs its head.
//!
//! The leaf bytes never leave the database; only their hashes do. Entries are placed, the head moved and its checkpoint
//! stored in one transaction: a checkpoint that stood in another could outlive its entries where the database crashes in
//! between. Nobody is shown a signature before that has committed; then this node notes it on its own disk.

use super::{DiskHead, DiskHeadError};
use crate::clock::Clock;
use chrono::TimeDelta;
use ledger::{
    Checkpoint, CheckpointError, CompactTree, FrontierError, Hash, HashError, KeyError, SigningKey,
    VerifierKey,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::ledger_log::{Head, StoredCheckpoint};
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How many entries one transaction places.
const MOST: i32 = 8_192;
/// How long the sequencer waits between two steps: with it an entry is signed well within the second that is promised.
/// Without it, each step would take on what came during the one before, and its flushes to disk (commit, note the head)
/// would stand between every two flushes of the decision writer.
const PACE: Duration = Duration::from_millis(100);
/// How long it waits after an error.
const AFTER_ERROR: Duration = Duration::from_secs(1);
/// How far behind it may be without saying so.
const BEHIND: TimeDelta = TimeDelta::seconds(1);
/// How many hashes are read at a time when the tree is built anew.
const PAGE: i64 = 10_000;

/// Places and signs.
#[derive(Debug)]
pub struct Sequencer {
    store: Store,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    verifier: VerifierKey,
    disk: DiskHead,
    /// The last tree that was found to be as it was signed, so that only what came since has to be looked at again.
    trusted: Mutex<CompactTree>,
    /// Why the ledger has stopped, told to whoever watches.
    fault: watch::Sender<Option<String>>,
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Another node is at it.
    Elsewhere,
    /// There was nothing to place or sign.
    Idle,
    /// Entries were placed, and everything up to `size` is signed.
    Signed {
        /// How many were placed.
        placed: u64,
        /// How many entries the log has.
        size: u64,
    },
}

/// Why it does not go on.
#[derive(Debug, thiserror::Error)]
pub enum SequenceError {
    /// The database.
    #[error("the database did not answer")]
    Store(#[from] StoreError),
    /// The database is older than what this node has seen signed: a fail-over that lost transactions, or an old backup.
    #[error(
        "the database has {found} ledger entries, but this node has seen {signed} signed: it was set back. Nothing is \
         placed until an operator has found out why and opened a new epoch"
    )]
    SetBack {
        /// What this node has seen.
        signed: u64,
        /// What the database has.
        found: u64,
    },
    /// The database tells another history than the one that this node has seen signed.
    #[error("the ledger in the database is another one than this node has seen signed at size {size}")]
    Forked {
        /// Where.
        size: u64,
    },
    /// The stored tree does not belong to the stored entries.
    #[error("the stored head of the ledger does not follow from its entries")]
    Head,
    /// The last checkpoint is not one of this node's key.
    #[error("the ledger was signed with another key than the one of this node")]
    Key(#[source] CheckpointError),
    /// The tree in the head row is none.
    #[error("the stored head of the ledger is broken")]
    Frontier(#[from] FrontierError),
    /// A hash is none.
    #[error("a stored hash of the ledger is broken")]
    Hash(#[from] HashError),
    /// Signing failed.
    #[error("the head cannot be signed")]
    Sign(#[source] CheckpointError),
    /// This node's own note of the last head.
    #[error("this node's note of the last signed head cannot be used")]
    Disk(#[from] DiskHeadError),
}

impl Sequencer {
    /// A sequencer with this key and this node's note of the last signed head.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        key: SigningKey,
        disk: DiskHead,
    ) -> Result<Self, KeyError> {
        let verifier = key.verifier_key()?;
        Ok(Self {
            store,
            clock,
            key,
            verifier,
            disk,
            trusted: Mutex::default(),
            fault: watch::Sender::new(None),
        })
    }

    /// The public half of the key: what auditors verify with.
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// What is wrong with the ledger in the database, so that nobody can go on with it; none while nothing is.
    pub fn fault(&self) -> watch::Receiver<Option<String>> {
        self.fault.subscribe()
    }

    /// Places and signs until `stop`. Errors are logged, and the next try comes after a while.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let step = self.step().await;
            self.tell(step.as_ref().err());
            let wait = match step {
                // It took nearly as much as it takes at a time (rows are taken whole), so there may be more.
                Ok(Step::Signed { placed, .. }) if placed * 2 >= MOST.unsigned_abs().into() => Duration::ZERO,
                Ok(Step::Signed { .. } | Step::Idle | Step::Elsewhere) => PACE,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the ledger does not go on"
                    );
                    AFTER_ERROR
                }
            };
            self.say_if_behind().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn tell(&self, error: Option<&SequenceError>) {
        let fault = match error {
            None => None,
            // Whether the database answers is found out elsewhere; what stopped the ledger before still does.
            Some(SequenceError::Store(_)) => return,
            // This node cannot sign; another one does.
            Some(SequenceError::Key(_) | SequenceError::Sign(_) | SequenceError::Disk(_)) => None,
            Some(
                error @ (SequenceError::SetBack { .. }
                | SequenceError::Forked { .. }
                | SequenceError::Head
                | SequenceError::Frontier(_)
                | SequenceError::Hash(_)),
            ) => Some(error.to_string()),
        };
        self.fault.send_if_modified(|told| {
            let changed = *told != fault;
            *told = fault;
            changed
        });
    }

    /// Places what is pending, up to a bound, and signs. Nothing is placed where the database contradicts what was signed.
    pub async fn step(&self) -> Result<Step, SequenceError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "placing and signing entries changes nothing and ends nothing"
        )]
        let mut tx = self.store.begin().await?;
        if !store::ledger_log::try_lock(&mut tx).await? {
            tx.rollback().await?;
            return Ok(Step::Elsewhere);
        }
        let head = store::ledger_log::head(tx.conn()).await?;
        let size = count(head.size);
        let newest = store::ledger_log::newest_checkpoint(tx.conn()).await?;
        let signed = newest.as_ref().map(|stored| self.open(stored)).transpose()?;
        self.check_disk(size, signed.as_ref()).await?;
        let mut tree = CompactTree::from_parts(size, hashes(&head.frontier)?)?;
        match &signed {
            Some(signed) if signed.size == size && signed.root != tree.root() => {
                return Err(SequenceError::Head);
            }
            Some(signed) if signed.size > size => {
                return Err(SequenceError::SetBack {
                    signed: signed.size,
                    found: size,
                });
            }
            // Placed and not signed, as earlier versions could leave it: no root vouches for this head yet.
            Some(signed) if signed.size < size => self.check_against_entries(&head).await?,
            None if size > 0 => self.check_against_entries(&head).await?,
            Some(_) | None => {}
        }
        self.trust(&tree);
        let placed = store::ledger_log::place(&mut tx, head.size, MOST).await?;
        for hash in hashes(&placed.hashes)? {
            tree.append(hash);
        }
        if tree.size() != size + count(placed.count) {
            return Err(SequenceError::Head);
        }
        if placed.count > 0 {
            let frontier: Vec<u8> = tree.nodes().iter().flat_map(|hash| *hash.as_bytes()).collect();
            let grown = head.size + placed.count;
            store::ledger_log::advance(&mut tx, &head, grown, &frontier).await?;
        } else if size == 0 || signed.is_some_and(|signed| signed.size == size) {
            // By hand: a node that is told to try again at once must not find its own lock.
            tx.rollback().await?;
            return Ok(Step::Idle);
        }
        let checkpoint = self.sign(&tree)?;
        store::ledger_log::insert_checkpoint(tx.conn(), &checkpoint).await?;
        tx.commit().await?;
        self.trust(&tree);
        // After the database has it: what this node has noted, the database must know.
        self.disk.write(&checkpoint.note).await?;
        Ok(Step::Signed {
            placed: count(placed.count),
            size: tree.size(),
        })
    }

    fn open(&self, stored: &StoredCheckpoint) -> Result<Checkpoint, SequenceError> {
        Checkpoint::open(&stored.note, &self.verifier).map_err(SequenceError::Key)
    }

    /// Compares with what this node has seen signed.
    async fn check_disk(&self, size: u64, newest: Option<&Checkpoint>) -> Result<(), SequenceError> {
        let Some(seen) = self.disk.read(&self.verifier)? else {
            return Ok(());
        };
        if seen.size > size {
            return Err(SequenceError::SetBack {
                signed: seen.size,
                found: size,
            });
        }
        if newest == Some(&seen) {
            return Ok(());
        }
        // Another node has signed since. What this one saw must still be there: it was stored before it was noted.
        let stored =
            store::ledger_log::checkpoint_of(self.store.pool(), i64::try_from(seen.size).unwrap_or(i64::MAX))
                .await?
                .map(|stored| self.open(&stored))
                .transpose()?;
        match stored {
            Some(stored) if stored == seen => Ok(()),
            Some(_) | None => Err(SequenceError::Forked { size: seen.size }),
        }
    }

    fn trust(&self, tree: &CompactTree) {
        tree.clone_into(&mut self.trusted.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Builds the tree from the stored hashes, on from the last one that was trusted, and compares it with the head.
    async fn check_against_entries(&self, head: &Head) -> Result<(), SequenceError> {
        let trusted = self
            .trusted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut tree = if trusted.size() <= count(head.size) {
            trusted
        } else {
            CompactTree::new()
        };
        let mut after = i64::try_from(tree.size()).unwrap_or(i64::MAX) - 1;
        loop {
            let page = store::ledger_log::hashes_after(self.store.pool(), after, PAGE).await?;
            for (index, hash) in &page {
                if count(*index) != tree.size() {
                    return Err(SequenceError::Head);
                }
                tree.append(Hash::try_from(hash.as_slice())?);
                after = *index;
            }
            if page.is_empty() {
                break;
            }
        }
        let same = tree.size() == count(head.size) && tree.nodes() == hashes(&head.frontier)?;
        same.then_some(()).ok_or(SequenceError::Head)
    }

    fn sign(&self, tree: &CompactTree) -> Result<StoredCheckpoint, SequenceError> {
        let root = tree.root();
        let note = Checkpoint {
            size: tree.size(),
            root,
        }
        .sign(&self.key)
        .map_err(SequenceError::Sign)?;
        Ok(StoredCheckpoint {
            size: i64::try_from(tree.size()).unwrap_or(i64::MAX),
            root: root.as_bytes().to_vec(),
            note,
            at: self.clock.now(),
        })
    }

    async fn say_if_behind(&self) {
        match store::ledger_log::pending(self.store.pool()).await {
            Ok((waiting, Some(oldest))) if self.clock.now() - oldest > BEHIND => {
                tracing::warn!(waiting, %oldest, "the ledger is behind");
            }
            Ok(_) | Err(_) => {}
        }
    }
}

fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

/// Hashes that stand one after the other in a column.
fn hashes(bytes: &[u8]) -> Result<Vec<Hash>, HashError> {
    bytes.chunks(32).map(Hash::try_from).collect()
}
