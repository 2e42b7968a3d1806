//! A decision: what was asked, what the rules said, which opt-outs applied, and the answer.

use crate::id::{ClientId, DecisionId, GrantId, OptOutId};
use crate::name::{Capability, RuleId, TierName};
use crate::outcome::Outcome;
use crate::principal::PrincipalRef;
use crate::resource::ResourceRef;
use crate::rule::Question;
use crate::window::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why an evaluation was made. Only `enforce` consumes uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Somebody waits at a gate.
    Enforce,
    /// A form shows its consequence.
    Preview,
    /// A policy is tried on recorded traffic.
    Backtest,
}

/// One evaluation's input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Who asks.
    pub principal: PrincipalRef,
    /// On what.
    pub resource: ResourceRef,
    /// To do what.
    pub capability: Capability,
    /// Context that the client is trusted to assert; a permit reads it only with `@trusts_asserted`.
    #[serde(default)]
    pub asserted: BTreeMap<String, serde_json::Value>,
    /// What the client sent besides: evidence, read by no rule.
    #[serde(default)]
    pub evidence: BTreeMap<String, serde_json::Value>,
    /// The grant named in `context.approval`: where one is named, only that one counts.
    #[serde(default)]
    pub approval: Option<String>,
    /// Who sent it; none for a preview.
    #[serde(default)]
    pub client: Option<ClientId>,
    /// Why it was made.
    pub purpose: Purpose,
}

/// What the rules of one question said: satisfied permits, satisfied forbids, rules that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matches {
    /// **P**, sorted.
    pub permits: Vec<RuleId>,
    /// **F**, sorted.
    pub forbids: Vec<RuleId>,
    /// **E**: rule and message, sorted.
    pub errors: Vec<(RuleId, String)>,
}

/// An opt-out that applied to a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which.
    pub opt_out: OptOutId,
    /// Which of its immutable revisions.
    pub revision: u32,
    /// Which way.
    pub direction: crate::opt_out::Direction,
    /// The rules that it took out (a bypass).
    pub rules: Vec<RuleId>,
    /// Whether it is the one that is credited with the use.
    pub credited: bool,
}

/// What one opt-out did to the outcome of a decision that it applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseEffect {
    /// The outcome is another than it would have been without this one.
    Changed,
    /// It is the same.
    None,
    /// It is the same because a `to_manual` asked for a person anyway: what a bypass would have done is not to be seen.
    Hidden,
}

impl UseEffect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Changed, Self::None, Self::Hidden];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::None => "none",
            Self::Hidden => "hidden",
        }
    }
}

/// A word that is none of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is nothing that an opt-out does: changed, none or hidden")]
pub struct UseEffectError(pub String);

impl std::str::FromStr for UseEffect {
    type Err = UseEffectError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|effect| effect.as_str() == text)
            .ok_or_else(|| UseEffectError(text.to_owned()))
    }
}

/// What the premise of an opt-out in force read. One that does not hold takes it out of the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PremiseRead {
    /// Which.
    pub opt_out: OptOutId,
    /// What was read.
    pub reading: crate::opt_out::Reading,
    /// Whether it holds.
    pub holds: bool,
}

/// Why the answer is what it is, as a code that clients may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Policy grants it without a person.
    AutomatedByPolicy,
    /// A grant is in force.
    Granted,
    /// A person has to approve.
    ApprovalRequired,
    /// Policy refuses it.
    DeniedByPolicy,
    /// No rule permits it.
    NothingPermits,
    /// The directory does not know the subject.
    UnknownSubject,
    /// The directory does not know the resource.
    UnknownResource,
    /// A rule failed, and errors never allow.
    RuleFailed,
}

impl Reason {
    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AutomatedByPolicy => "automated_by_policy",
            Self::Granted => "granted",
            Self::ApprovalRequired => "approval_required",
            Self::DeniedByPolicy => "denied_by_policy",
            Self::NothingPermits => "nothing_permits",
            Self::UnknownSubject => "unknown_subject",
            Self::UnknownResource => "unknown_resource",
            Self::RuleFailed => "rule_failed",
        }
    }
}

/// What `evaluate` comes to, before it has an id and a place in the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The tier that applied.
    pub tier: TierName,
    /// P, F and E for each question.
    pub matches: BTreeMap<Question, Matches>,
    /// The outcome without opt-outs.
    pub base: Outcome,
    /// The outcome with them.
    pub effective: Outcome,
    /// The opt-outs that applied, each with its revision.
    pub applied: Vec<Applied>,
    /// All opt-out revisions that were considered because they were in force, as (id, revision).
    pub considered: Vec<(OptOutId, u32)>,
    /// What the premises of those read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub premises: Vec<PremiseRead>,
    /// The grant that matched, where the answer hangs on it.
    pub grant: Option<GrantId>,
    /// When that grant ends.
    pub grant_ends_at: Option<Instant>,
    /// The answer given: true is allow.
    pub answer: bool,
    /// Why.
    pub reason: Reason,
    /// Digest of subject, resource, action and binding context: what a grant is matched on.
    pub tuple_digest: crate::digest::Digest,
}

impl Evaluation {
    /// Whether the applied opt-outs changed the outcome.
    pub fn changed(&self) -> bool {
        self.base != self.effective
    }
}

/// An evaluation with its place in the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The instant that it was made for (the node's clock, corrected to the database's).
    pub at: Instant,
    /// The version of the snapshot that it was evaluated under.
    pub generation: i64,
    /// The policy version that was in force.
    pub policy_digest: crate::digest::Digest,
    /// What was asked.
    pub input: Input,
    /// What it came to.
    pub evaluation: Evaluation,
}
