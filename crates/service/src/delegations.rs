//! Delegations: lend one's votes, end that, look.

mod end;
mod make;
mod read;

pub use make::{DelegationInput, MOST_STANDING};
pub use read::{DelegationSummary, Delegations};

use crate::command::EventDraft;
use domain::approval::Delegation;
use domain::event::EventKind;
use std::collections::BTreeSet;

/// An event about a delegation. The leaf names it by its random id.
pub(crate) fn event(kind: EventKind, delegation: &Delegation, body: serde_json::Value) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "delegation",
        object_id: delegation.id.to_string(),
        refs: BTreeSet::from([delegation.id.to_string()]),
        policy_digest: None,
        body,
    }
}
