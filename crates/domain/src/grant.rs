//! Grants: what an approved access request gives, from when, until when, and why it ended.

use crate::digest::{CanonicalError, Digest};
use crate::id::{AccessRequestId, GrantId};
use crate::name::{Capability, TierName};
use crate::principal::PrincipalRef;
use crate::resource::ResourceRef;
use crate::window::{Instant, Phase, Window, to_micros};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id; AuthZEN calls it `approval.id`.
    pub id: GrantId,
    /// The request that it came from.
    pub request: AccessRequestId,
    /// Who.
    pub principal: PrincipalRef,
    /// On what.
    pub resource: ResourceRef,
    /// To do what.
    pub capability: Capability,
    /// What a decision is matched on.
    pub tuple_digest: Digest,
    /// From when, until when.
    pub window: Window,
    /// When the last approver approved.
    pub approved_at: Instant,
    /// The tier under which it was approved.
    pub tier: TierName,
    /// Ended before its time.
    pub ended: Option<Ended>,
    /// Whether the glass was broken for it. Such a grant opens only what marked rules keep, and nothing that a `to_manual`
    /// has taken out of the automation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub break_glass: bool,
}

/// An early end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Instant,
    /// How.
    pub how: EarlyEnd,
}

/// How a grant ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyEnd {
    /// Taken back by somebody who may.
    Revoked,
    /// Given back by its holder.
    Relinquished,
}

/// A grant's state: a function of the row and `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// Before its start.
    Scheduled,
    /// In force.
    Active,
    /// Its time is over.
    Ended,
    /// Taken back.
    Revoked,
    /// Given back.
    Relinquished,
}

impl GrantState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Scheduled,
        Self::Active,
        Self::Ended,
        Self::Revoked,
        Self::Relinquished,
    ];

    /// The word in badges and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
            Self::Relinquished => "relinquished",
        }
    }

    /// Whether it never changes again.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Scheduled | Self::Active => false,
            Self::Ended | Self::Revoked | Self::Relinquished => true,
        }
    }
}

/// What was asked of a grant in a state that does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this grant is {}, so it cannot be ended", .0.as_str())]
pub struct GrantError(pub GrantState);

impl Grant {
    /// The state at an instant. No job has to run for a grant to end.
    pub fn state(&self, now: Instant) -> GrantState {
        // An end at or after the window's own came too late: the grant had ended, and terminal states never change.
        let early = |ended: &Ended| ended.at <= now && ended.at < self.window.ends_at();
        if let Some(ended) = self.ended.filter(early) {
            return match ended.how {
                EarlyEnd::Revoked => GrantState::Revoked,
                EarlyEnd::Relinquished => GrantState::Relinquished,
            };
        }
        match self.window.phase(now) {
            Phase::Before => GrantState::Scheduled,
            Phase::Within => GrantState::Active,
            Phase::After => GrantState::Ended,
        }
    }

    /// Ends it now. Errors where it has ended already: terminal states never change.
    pub fn end(mut self, how: EarlyEnd, now: Instant) -> Result<Self, GrantError> {
        let state = self.state(now);
        if state.is_terminal() {
            return Err(GrantError(state));
        }
        self.ended = Some(Ended {
            at: to_micros(now),
            how,
        });
        Ok(self)
    }
}

#[derive(Serialize)]
struct Tuple<'a> {
    subject: &'a PrincipalRef,
    resource: &'a ResourceRef,
    action: &'a Capability,
    context: BTreeMap<&'a str, &'a serde_json::Value>,
}

/// SHA-256 over the canonical JSON of subject, resource, action and those context keys that the tier names as binding.
///
/// `context` is what was sent, asserted or not: a binding key that is absent binds its absence.
/// Errors when a value has no canonical form: a whole number beyond ±2^53 would be rounded to its neighbour's (RFC 8785,
/// section 3.2.2.3), and a grant for the one would be a grant for the other.
pub fn tuple_digest<'a>(
    subject: &PrincipalRef,
    resource: &ResourceRef,
    action: &Capability,
    binding: &'a [String],
    context: impl Fn(&str) -> Option<&'a serde_json::Value>,
) -> Result<Digest, CanonicalError> {
    let context: BTreeMap<&str, &serde_json::Value> = binding
        .iter()
        .filter_map(|key| context(key).map(|value| (key.as_str(), value)))
        .collect();
    if !context.values().all(|value| is_exact(value)) {
        return Err(CanonicalError::inexact());
    }
    Digest::of_canonical(&Tuple {
        subject,
        resource,
        action,
        context,
    })
}

/// Whether every whole number in it survives as an IEEE 754 double.
fn is_exact(value: &serde_json::Value) -> bool {
    const LARGEST: u64 = 1 << 53;
    match value {
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => true,
        serde_json::Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(whole), _) => whole < LARGEST,
            (None, Some(whole)) => whole.unsigned_abs() < LARGEST,
            // A whole number beyond u64 was read as a float, rounded already.
            (None, None) => number.as_f64().is_some_and(|float| float.abs() < LARGEST as f64),
        },
        serde_json::Value::Array(items) => items.iter().all(is_exact),
        serde_json::Value::Object(members) => members.values().all(is_exact),
    }
}
