//! Clients: what a policy enforcement point may ask about, and which attributes it is trusted to assert.

mod change;

pub use change::{ClientChange, PatternError};

use crate::id::ClientId;
use crate::incident::IncidentPrefix;
use crate::name::{NameError, check, is_one_line};
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

/// Whether an id's pattern matches all that another one matches.
fn covers_id(pattern: &str, other: &str) -> bool {
    match (pattern.strip_suffix('*'), other.strip_suffix('*')) {
        (Some(prefix), Some(other)) => other.starts_with(prefix),
        // A pattern without a `*` matches one id, and so less than one with it.
        (None, Some(_)) => false,
        (_, None) => id_matches(pattern, other),
    }
}

/// Why a registration of a client is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Its name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A pattern that would match nothing, or not what it seems to.
    #[error(
        "the pattern `{0}` is not valid: an id has 1 to {LONGEST_ID} characters, and `*` only at its end"
    )]
    Pattern(String),
    /// A context key.
    #[error("the trusted key `{0}` is not valid: a key has 1 to 128 characters without white space")]
    Key(String),
    /// The length of a signal.
    #[error("a signal lasts at least one second")]
    SignalLength,
}

/// The longest id that a pattern names, in characters.
const LONGEST_ID: usize = 1_024;

fn check_pattern(id: &str) -> Result<(), ClientError> {
    let stem = id.strip_suffix('*').unwrap_or(id);
    if id.is_empty() || id.chars().count() > LONGEST_ID || stem.contains('*') || !is_one_line(id) {
        return Err(ClientError::Pattern(id.to_owned()));
    }
    Ok(())
}

impl SubjectPattern {
    /// Whether it picks this subject.
    pub fn picks(&self, subject: &PrincipalRef) -> bool {
        self.kind.is_none_or(|kind| kind == subject.kind) && id_matches(&self.id, &subject.id)
    }
}

impl Client {
    /// Checks what an operator has typed. Errors with the first thing that is wrong.
    pub fn check(&self) -> Result<(), ClientError> {
        check("client's name", &self.name)?;
        let signals = self.signals.iter().flat_map(|right| &right.subjects);
        for subject in self.subjects.iter().chain(signals) {
            check_pattern(&subject.id)?;
        }
        for resource in &self.resources {
            check_pattern(&resource.id)?;
            if let Some(kind) = &resource.kind {
                check("resource type", kind)?;
            }
        }
        for key in &self.trusted_keys {
            if check("key", key).is_err() || key.chars().any(char::is_whitespace) {
                return Err(ClientError::Key(key.clone()));
            }
        }
        if self.signals.as_ref().is_some_and(|right| right.longest_secs < 1) {
            return Err(ClientError::SignalLength);
        }
        Ok(())
    }

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
