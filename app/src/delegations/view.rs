//! What the page of delegations shows.

use domain::{approval::DelegationState, window::Instant};
use serde::{Deserialize, Serialize};

/// The delegations, and what a new one can be about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationsView {
    /// Newest first.
    pub rows: Vec<DelegationRow>,
    /// Whether the reader has votes to lend.
    pub may_make: bool,
    /// To whom: ids and names.
    pub people: Vec<(String, String)>,
    /// The reader's groups: ids and names.
    pub groups: Vec<(String, String)>,
    /// The tiers, the strictest first.
    pub tiers: Vec<String>,
    /// The zone that the reader has set.
    pub zone: String,
    /// The present.
    pub now: Instant,
}

/// One delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationRow {
    /// Its id.
    pub id: String,
    /// Whose votes; none: the reader's.
    pub from: Option<String>,
    /// Who casts them; none: the reader.
    pub to: Option<String>,
    /// From when.
    pub starts_at: Instant,
    /// Until when; of one that was ended early, till then.
    pub ends_at: Instant,
    /// Why.
    pub reason: String,
    /// "Security in the tiers critical and high"; none: everything.
    pub scope: Option<String>,
    /// Where it stands.
    pub state: DelegationState,
    /// Whether the reader may end it.
    pub may_end: bool,
}
