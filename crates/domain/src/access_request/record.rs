//! An access request as it is stored.

use super::AccessRequestState;
use crate::approval::{Exclusions, Plan};
use crate::break_glass::BreakGlass;
use crate::digest::Digest;
use crate::id::{AccessRequestId, ClientId, DecisionId};
use crate::name::{Capability, PersonId, RuleId, TierName};
use crate::principal::PrincipalRef;
use crate::resource::ResourceRef;
use crate::window::{Instant, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 4_000;

/// What approvers are shown of a request, as it was submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// Why, in the requester's words.
    pub reason: String,
    /// Where it is tracked.
    #[serde(default)]
    pub ticket: Option<String>,
    /// The person who started the workload, where a trusted client says so, or who breaks the glass for it.
    #[serde(default)]
    pub initiator: Option<crate::name::PersonId>,
    /// What the client says of whoever acted; shown, never relied on.
    #[serde(default)]
    pub client_says: BTreeMap<String, serde_json::Value>,
    /// The context of the denied evaluation, binding keys and evidence.
    #[serde(default)]
    pub context: BTreeMap<String, serde_json::Value>,
    /// The rules that asked for a person.
    pub rules: Vec<RuleId>,
}

/// An access request.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessRequest {
    /// Its id; AuthZEN calls it `task.id`.
    pub id: AccessRequestId,
    /// Counted up with each change, so that two changes cannot both win.
    pub version: i32,
    /// The state last stored; see [`AccessRequestState::at`].
    pub state: AccessRequestState,
    /// Who filed it.
    pub client: ClientId,
    /// The denial that it is bound to.
    pub decision: DecisionId,
    /// Who wants.
    pub principal: PrincipalRef,
    /// On what.
    pub resource: ResourceRef,
    /// To do what.
    pub capability: Capability,
    /// What the grant will be matched on.
    pub tuple_digest: Digest,
    /// What approvers are shown.
    pub wish: Wish,
    /// The tier at submission.
    pub tier: TierName,
    /// Its rank.
    pub tier_rank: u32,
    /// The policy version at submission.
    pub policy_digest: Digest,
    /// Frozen at submission; the union with a stricter one at a vote.
    pub plan: Plan,
    /// Who may not decide.
    pub excluded: Exclusions,
    /// How long the grant will last from its start, in seconds.
    pub grant_secs: i64,
    /// From when access is wanted; none: from the approval.
    pub wanted_from: Option<Instant>,
    /// Until when access is wanted. Approved late, the grant is shorter.
    pub wanted_until: Option<Instant>,
    /// When it was filed.
    pub requested_at: Instant,
    /// Until when approvers may decide.
    pub expires_at: Instant,
    /// When it was settled.
    pub decided_at: Option<Instant>,
    /// The glass that somebody breaks for it.
    pub break_glass: Option<BreakGlass>,
}

impl AccessRequest {
    /// The state at an instant.
    pub fn state_at(&self, now: Instant) -> AccessRequestState {
        self.state.at(self.expires_at, now)
    }

    /// From when until when a grant that is approved now is in force: from then on, or from the start that was asked for;
    /// as long as was asked or left of it, and never beyond the end that was asked for. None where nothing is left of it.
    pub fn grant_window(&self, now: Instant) -> Option<Window> {
        let starts_at = self.wanted_from.map_or(now, |from| from.max(now));
        let by_length = chrono::TimeDelta::try_seconds(self.grant_secs)
            .and_then(|length| starts_at.checked_add_signed(length))?;
        let ends_at = self.wanted_until.map_or(by_length, |until| by_length.min(until));
        Window::new(starts_at, ends_at).ok()
    }

    /// The person who asks: whom it is for, or who started the workload that asks. None for a workload that no verified
    /// person started.
    pub fn asked_by(&self) -> Option<PersonId> {
        self.principal.person().or_else(|| self.wish.initiator.clone())
    }
}
