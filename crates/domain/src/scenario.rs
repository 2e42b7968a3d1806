//! The catalogue of legitimate cases for an opt-out.

use crate::name::{RuleId, ScenarioId};
use crate::opt_out::Direction;
use crate::tier::Lengths;
use serde::{Deserialize, Serialize};

/// Why somebody takes something out of the automation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// Something is broken now.
    Incident,
    /// A law, a contract or an auditor asks for it.
    LegalOrCompliance,
    /// The rule cannot be met for technical reasons.
    TechnicalLimitation,
    /// A date that does not move.
    BusinessDeadline,
    /// The rule matches what it was not meant for.
    FalsePositive,
    /// Operations need it.
    OperationalRequirement,
    /// A person or service is under suspicion.
    FlaggedPrincipal,
    /// Evidence must not change.
    AuditHold,
}

/// Whether the risk stays or something else takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The risk is accepted.
    Waiver,
    /// A compensating control takes it.
    Mitigated,
}

/// One catalogue entry, as `scenarios.toml` states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its id: `audit-read`.
    pub id: ScenarioId,
    /// Its name in the form.
    pub name: String,
    /// What the form says under the name.
    pub guidance: String,
    /// The directions that it allows.
    pub directions: Vec<Direction>,
    /// The rules that a bypass may name; none listed means any exemptible one.
    #[serde(default)]
    pub rules: Vec<RuleId>,
    /// Waiver or mitigated.
    pub category: Category,
    /// Why.
    pub reason_kind: ReasonKind,
    /// How long it lasts.
    pub length: Lengths,
    /// The most decisions that one bypass may apply to.
    #[serde(default)]
    pub max_uses: Option<u32>,
    /// Whether a ticket must be named.
    #[serde(default)]
    pub ticket_required: bool,
}
