//! Everything that decides, at one generation. Immutable, swapped as a whole; directory and policy are shared between
//! generations, so that a change of one opt-out builds neither anew.

mod grants;
mod opt_outs;

pub(crate) use grants::GrantIndex;
pub(crate) use opt_outs::OptOutIndex;

use crate::directory_view::DirectoryView;
use crate::version::PolicyVersion;
use domain::digest::Digest;
use domain::grant::Grant;
use domain::id::OptOutId;
use domain::opt_out::{Direction, Facts, OptOut, Reading};
use domain::window::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many decisions an opt-out has applied to. Shared, so that the writer can raise it without a new snapshot; the
/// database has the last word, since it counts under concurrency.
#[derive(Debug, Clone, Default)]
pub struct Uses(Arc<AtomicU32>);

impl Uses {
    /// Starts at a count.
    pub fn new(count: u32) -> Self {
        Self(Arc::new(AtomicU32::new(count)))
    }

    /// The count.
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Raises the count to what the database says; never lowers it.
    pub fn raise_to(&self, count: u32) {
        self.0.fetch_max(count, Ordering::Relaxed);
    }
}

/// An opt-out in a snapshot.
#[derive(Debug, Clone)]
pub struct HeldOptOut {
    /// The revision that stands.
    pub opt_out: Arc<OptOut>,
    /// Its uses so far.
    pub uses: Uses,
    /// What its premise reads at this generation; none where it has none.
    pub reading: Option<Reading>,
}

impl HeldOptOut {
    /// Whether it can apply to anything now: active, within its hours, its premise held, its rules as they were approved. Of
    /// one that counts, each decision still leaves out what is of a stricter tier than it was approved under.
    pub fn counts(&self, policy: &PolicyVersion, now: Instant) -> bool {
        self.opt_out.in_force(now, self.uses.get())
            && (self.opt_out.direction == Direction::ToManual
                || self.stands(now) && self.opt_out.pins_hold(policy.rule_texts()))
    }

    /// Whether its premise holds; without one, nothing can fall.
    pub fn stands(&self, now: Instant) -> bool {
        match (&self.opt_out.conditions.premise, &self.reading) {
            (None, _) => true,
            (Some(premise), Some(reading)) => premise.holds(reading, now),
            (Some(_), None) => false,
        }
    }
}

/// Why there is no such snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The view was built for another policy version, so its entities fit another schema.
    #[error("the directory was built for the policy {built_for}, not for {policy}")]
    OtherPolicy {
        /// The view's.
        built_for: Digest,
        /// The snapshot's.
        policy: Digest,
    },
}

/// Policy, directory, opt-outs and grants at one generation.
#[derive(Debug)]
pub struct Snapshot {
    generation: i64,
    policy: Arc<PolicyVersion>,
    directory: Arc<DirectoryView>,
    pub(crate) opt_outs: OptOutIndex,
    pub(crate) grants: GrantIndex,
}

/// Collects what a snapshot holds.
#[derive(Debug)]
pub struct SnapshotBuilder {
    generation: i64,
    policy: Arc<PolicyVersion>,
    directory: Arc<DirectoryView>,
    opt_outs: Vec<(Arc<OptOut>, Uses)>,
    grants: Vec<Arc<Grant>>,
    facts: Facts,
    readings: BTreeMap<OptOutId, Reading>,
}

impl SnapshotBuilder {
    /// Adds an opt-out in the revision that stands, with its uses so far. Those that have ended may be left out.
    #[must_use]
    pub fn opt_out(mut self, opt_out: Arc<OptOut>, uses: Uses) -> Self {
        self.opt_outs.push((opt_out, uses));
        self
    }

    /// Adds a grant. Those that have ended may be left out.
    #[must_use]
    pub fn grant(mut self, grant: Arc<Grant>) -> Self {
        self.grants.push(grant);
        self
    }

    /// What premises are read from beside the directory.
    #[must_use]
    pub fn facts(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// What the premise of an opt-out read, where that is known already: a replay reads nothing anew.
    #[must_use]
    pub fn reading(mut self, opt_out: OptOutId, reading: Reading) -> Self {
        self.readings.insert(opt_out, reading);
        self
    }

    /// Indexes it all. Errors when the directory's view was built for another policy version.
    pub fn build(self) -> Result<Snapshot, SnapshotError> {
        if self.directory.policy_digest() != self.policy.digest() {
            return Err(SnapshotError::OtherPolicy {
                built_for: self.directory.policy_digest(),
                policy: self.policy.digest(),
            });
        }
        let (readings, facts, directory) = (self.readings, self.facts, self.directory.directory());
        let held = self
            .opt_outs
            .into_iter()
            .map(|(opt_out, uses)| {
                let known = readings.get(&opt_out.id).cloned();
                let premise = opt_out.conditions.premise.as_ref();
                let reading = premise.map(|premise| known.unwrap_or_else(|| premise.read(directory, &facts)));
                HeldOptOut {
                    opt_out,
                    uses,
                    reading,
                }
            })
            .collect();
        Ok(Snapshot {
            generation: self.generation,
            opt_outs: OptOutIndex::build(held),
            grants: GrantIndex::build(self.grants),
            policy: self.policy,
            directory: self.directory,
        })
    }
}

impl Snapshot {
    /// Begins a snapshot of a generation.
    pub fn builder(
        generation: i64,
        policy: Arc<PolicyVersion>,
        directory: Arc<DirectoryView>,
    ) -> SnapshotBuilder {
        SnapshotBuilder {
            generation,
            policy,
            directory,
            opt_outs: Vec::new(),
            grants: Vec::new(),
            facts: Facts::default(),
            readings: BTreeMap::new(),
        }
    }

    /// The generation.
    pub const fn generation(&self) -> i64 {
        self.generation
    }

    /// The policy version in force.
    pub const fn policy(&self) -> &Arc<PolicyVersion> {
        &self.policy
    }

    /// The directory.
    pub const fn directory(&self) -> &Arc<DirectoryView> {
        &self.directory
    }

    /// All opt-outs, sorted by id.
    pub fn opt_outs(&self) -> &[HeldOptOut] {
        self.opt_outs.all()
    }

    /// An opt-out by id.
    pub fn opt_out(&self, id: OptOutId) -> Option<&HeldOptOut> {
        self.opt_outs.get(id)
    }

    /// All grants, in the order in which they were added.
    pub fn grants(&self) -> &[Arc<Grant>] {
        self.grants.all()
    }
}
