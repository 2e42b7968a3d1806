//! Policy: the only place that knows Cedar. Loads and checks policy versions, indexes their rules by scope, and
//! evaluates inputs against a snapshot.
//!
//! - [`PolicyVersion`]: an immutable folder of text that has passed every check, named by its digest.
//! - [`DirectoryView`]: the directory as Cedar entities, built once and shared.
//! - [`Snapshot`]: policy, directory, opt-outs and grants at one generation.
//! - [`evaluate()`]: the one pure function that decides. Nothing else knows how an opt-out applies.
//! - [`in_emergency()`]: what a broken glass reaches: what marked rules alone keep.
//! - [`explain()`]: what matched, in plain words; [`impact()`]: what an opt-out would have changed.
//!
//! # What must never enter
//!
//! I/O, a clock, randomness. The same snapshot, input and instant give the same evaluation for ever: a decision that
//! cannot be replayed proves nothing. No Cedar type leaves the crate.
//!
//! # How policy and directory meet in Cedar
//!
//! | In the directory | In Cedar |
//! | --- | --- |
//! | person, workload, agent | `Person`, `Workload`, `Agent` |
//! | group, team | `Group`, `Team` |
//! | resource of type `search_index` | `SearchIndex`: the words of the type joined, each with a capital |
//! | temporary role | resource of type `role`, `Role`; who holds it has it as a parent |
//! | attributes | attributes that the schema declares; the others reach no rule |
//! | labels | tags, where the schema declares `tags String` |
//! | a principal's or resource's team | parent, where the schema says `in [Team]`; attribute `team`, where it declares one |
//!
//! The schema declares `Action::"classify"`, `"grant"` and `"automate"` with the context
//! `{ capability: String, weekday: String, hour_utc: Long, asserted: {…} }`, the latter two with `tier: String` besides.
//! Everything in `asserted` is optional: it holds only what a client is trusted for.
//!
//! # To add a check on rules
//!
//! Add it to `version/rules.rs` with a case in `tests/load.rs`. Report a [`Problem`]; never stop at the first.

mod convert;
pub mod directory_view;
pub mod evaluate;
pub mod explain;
pub mod impact;
mod index;
pub mod snapshot;
#[doc(hidden)]
pub mod synthetic;
pub mod version;
mod vocabulary;

pub use directory_view::{DirectoryProblem, DirectoryProblems, DirectoryView};
pub use evaluate::{OutOfReach, Without, effects, evaluate, in_emergency};
pub use explain::{ExplainedRule, Verdict, explain};
pub use impact::{Change, Impact, Recorded, impact};
pub use snapshot::{Snapshot, SnapshotBuilder, SnapshotError, Uses};
pub use version::{Named, PolicyErrors, PolicyVersion, Problem, StoredPolicyError};

/// The versions of what an evaluation follows from besides its record: of the Cedar engine, and of the time zones that
/// opt-outs have their hours in.
pub fn engine_versions() -> String {
    let cedar = cedar_policy::get_sdk_version();
    format!("cedar-policy {cedar}, time zones {}", domain::zone::TIME_ZONES)
}
