//! Who asks: a person, a workload or an agent.

use crate::name::{GroupName, NameError, PersonId, TeamName};
use serde::{Deserialize, Serialize};

/// The kinds of principal. Only persons decide anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A human being.
    Person,
    /// A CI job or a service.
    Workload,
    /// An AI agent.
    Agent,
}

/// A word that names no kind of principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of principal: use person, workload or agent")]
pub struct PrincipalKindError(pub String);

impl PrincipalKind {
    /// All kinds, in order.
    pub const ALL: [Self; 3] = [Self::Person, Self::Workload, Self::Agent];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Workload => "workload",
            Self::Agent => "agent",
        }
    }
}

impl std::fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for PrincipalKind {
    type Err = PrincipalKindError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| PrincipalKindError(text.to_owned()))
    }
}

/// A principal as the outside names it: AuthZEN's `subject.type` and `subject.id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "PrincipalParts")]
pub struct PrincipalRef {
    /// Which kind.
    pub kind: PrincipalKind,
    /// Its id among its kind: `ci/payments`, `alice.meyer`.
    pub id: String,
}

#[derive(Deserialize)]
struct PrincipalParts {
    kind: PrincipalKind,
    id: String,
}

impl TryFrom<PrincipalParts> for PrincipalRef {
    type Error = NameError;
    fn try_from(parts: PrincipalParts) -> Result<Self, NameError> {
        Self::new(parts.kind, parts.id)
    }
}

impl PrincipalRef {
    /// Names a principal. Errors when the id is empty, over-long or unprintable.
    pub fn new(kind: PrincipalKind, id: impl Into<String>) -> Result<Self, NameError> {
        let id = id.into();
        crate::name::check_id("principal", &id)?;
        Ok(Self { kind, id })
    }

    /// The person, where it is one.
    pub fn person(&self) -> Option<PersonId> {
        match self.kind {
            PrincipalKind::Person => PersonId::new(self.id.clone()).ok(),
            PrincipalKind::Workload | PrincipalKind::Agent => None,
        }
    }
}

impl From<PersonId> for PrincipalRef {
    fn from(person: PersonId) -> Self {
        Self {
            kind: PrincipalKind::Person,
            id: person.into(),
        }
    }
}

impl std::fmt::Display for PrincipalRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// What a scope needs to know of a principal: itself, its team, and every group it is in, directly or through another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalFacts {
    /// The principal.
    pub principal: PrincipalRef,
    /// The team that it belongs to.
    pub team: TeamName,
    /// All groups, ancestors included.
    pub groups: std::collections::BTreeSet<GroupName>,
    /// Its attributes that are texts.
    pub labels: std::collections::BTreeMap<String, String>,
}
