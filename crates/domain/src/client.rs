//! Clients: what a policy enforcement point may ask about, and which attributes it is trusted to assert.

use crate::id::ClientId;
use crate::incident::IncidentPrefix;
use crate::principal::{PrincipalKind, PrincipalRef};
use crate::resource::ResourceRef;
use crate::signal::SignalRight;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Picks subjects: a kind (absent: any) and an id, in which a `*` at the end stands for anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectPattern {
    /// Which kind.
    #[serde(default)]
    pub kind: Option<PrincipalKind>,
    /// `ci/payments`, `ci/*` or `*`.
    pub id: String,
}

/// Picks resources: a type (absent: any) and an id, in which a `*` at the end stands for anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourcePattern {
    /// Which type.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// `payments-prod`, `payments-*` or `*`.
    pub id: String,
}

/// A policy enforcement point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its name in lists: `ci-gateway`.
    pub name: String,
    /// The subjects that it may ask about.
    pub subjects: Vec<SubjectPattern>,
    /// The resources that it may ask about.
    pub resources: Vec<ResourcePattern>,
    /// The context keys that it is trusted to assert.
    pub trusted_keys: BTreeSet<String>,
    /// Its right to signal, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signals: Option<SignalRight>,
    /// Its right to tell of incidents, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidents: Option<IncidentPrefix>,
}

fn id_matches(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => id.starts_with(prefix),
        None => pattern == id,
    }
}

impl SubjectPattern {
    /// Whether it picks this subject.
    pub fn picks(&self, subject: &PrincipalRef) -> bool {
        self.kind.is_none_or(|kind| kind == subject.kind) && id_matches(&self.id, &subject.id)
    }
}

impl Client {
    /// Whether it may ask about this subject.
    pub fn may_ask_about(&self, subject: &PrincipalRef) -> bool {
        self.subjects.iter().any(|pattern| pattern.picks(subject))
    }

    /// Whether it may ask about this resource.
    pub fn may_ask_for(&self, resource: &ResourceRef) -> bool {
        self.resources.iter().any(|pattern| {
            pattern.kind.as_ref().is_none_or(|kind| *kind == resource.kind)
                && id_matches(&pattern.id, &resource.id)
        })
    }
}
