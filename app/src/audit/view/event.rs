//! Events and where they stand in the ledger.

use domain::{event::EventKind, window::Instant};
use serde::{Deserialize, Serialize};

/// Which events the log shows: the parameters of its address, as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventQuery {
    /// A kind (`opt_out.requested`) or all of an aggregate (`opt_out.`); empty: all.
    pub kind: String,
    /// Who did it: an id, or a person's name; empty: anybody.
    pub actor: String,
    /// The id of what it is about; empty: anything.
    pub object: String,
    /// The first day, `2026-11-25`, in UTC; empty: the beginning.
    pub from: String,
    /// The last day; empty: today.
    pub until: String,
    /// The id that the page begins after; empty: the newest.
    pub before: String,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectView {
    /// Its kind in words.
    pub kind: String,
    /// Its id in the outer form.
    pub id: String,
    /// Its page, if it has one.
    pub href: Option<String>,
}

/// One event in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// What kind.
    pub kind: EventKind,
    /// When.
    pub at: Instant,
    /// The subject of the sentence.
    pub who: String,
    /// What they did, after the subject.
    pub did: String,
    /// What it is about.
    pub object: ObjectView,
}

/// A page of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsView {
    /// Newest first.
    pub rows: Vec<EventRow>,
    /// The id that the next page begins after.
    pub next: Option<String>,
    /// The page's present.
    pub now: Instant,
}

/// One event whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// What its row shows.
    pub row: EventRow,
    /// `person`, `client` or `system`, and the id.
    pub actor: (String, String),
    /// The request or run that caused it.
    pub correlation: String,
    /// The policy version in force, where one mattered, as `sha256:…`.
    pub policy_digest: Option<String>,
    /// Of a vote: when its voter signed in for it and how strongly, where the tier asks for that.
    pub signed_in: Option<(Instant, Option<String>)>,
    /// Of a vote: the digest of what its voter was shown, as `sha256:…`.
    pub shown: Option<String>,
    /// All that was recorded: the JSON that the leaf commits to, indented. None where it has been erased.
    pub body: Option<String>,
    /// The salt of the commitment, in hexadecimal digits.
    pub salt: String,
    /// Where its leaf stands.
    pub place: PlaceView,
    /// The page's present.
    pub now: Instant,
}

/// Where a leaf stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceView {
    /// The leaf's hash, as `sha256:…`.
    pub leaf_hash: String,
    /// Its index, counted from nought; none while it is pending.
    pub index: Option<i64>,
    /// The first checkpoint that covers it: its size and when it was signed.
    pub checkpoint: Option<(i64, Instant)>,
}

impl EventQuery {
    /// Whether any filter narrows the list.
    pub fn is_filtered(&self) -> bool {
        [&self.kind, &self.actor, &self.object, &self.from, &self.until]
            .into_iter()
            .any(|value| !value.is_empty())
    }
}
