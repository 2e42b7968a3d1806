//! The catalogue of legitimate cases for an opt-out.

use crate::approval::Stage;
use crate::name::{RuleId, ScenarioId, TierName};
use crate::opt_out::{Detail, Direction};
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

/// What a ticket of a case looks like. The pattern is judged on the server alone, by `policy`: no browser needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketForm {
    /// A regular expression that the whole ticket matches: `CHG-[0-9]{4,}`.
    pub pattern: String,
    /// What is said where it does not: "Name the change, such as CHG-9031."
    pub message: String,
}

/// How a bypass hangs on its incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentBound {
    /// How long after the incident was resolved it ends, in seconds.
    pub grace_secs: i64,
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
    /// The tiers that it is for; none listed means every one.
    #[serde(default)]
    pub tiers: Vec<TierName>,
    /// The rules that a bypass may name; none listed means any exemptible one.
    #[serde(default)]
    pub rules: Vec<RuleId>,
    /// Waiver or mitigated.
    pub category: Category,
    /// Why.
    pub reason_kind: ReasonKind,
    /// How long it lasts.
    pub length: Lengths,
    /// How old an opt-out and its renewals may become together, counted from the first one's start, in seconds.
    #[serde(default)]
    pub cumulative_secs: Option<i64>,
    /// How often it may be renewed.
    #[serde(default)]
    pub most_renewals: Option<u32>,
    /// The most decisions that one bypass may apply to.
    #[serde(default)]
    pub max_uses: Option<u32>,
    /// Whether a ticket must be named.
    #[serde(default)]
    pub ticket_required: bool,
    /// What a ticket looks like; one that is named must look so, whether or not it is required.
    #[serde(default)]
    pub ticket_form: Option<TicketForm>,
    /// What must be filled in besides.
    #[serde(default)]
    pub required: Vec<Detail>,
    /// Where a bypass of this case ends with its incident: how long after that was resolved.
    #[serde(default)]
    pub incident_bound: Option<IncidentBound>,
    /// For how long the last answer about a ticket counts once no other comes, in seconds.
    #[serde(default)]
    pub premise_grace_secs: Option<i64>,
    /// Stages after those of the tier, where this case is stricter than its tier.
    #[serde(default)]
    pub further_stages: Vec<Stage>,
}

impl Scenario {
    /// Whether an opt-out in this direction has to say this.
    pub fn requires(&self, detail: Detail, direction: Direction) -> bool {
        detail.is_for(direction) && self.required.contains(&detail)
    }
}
