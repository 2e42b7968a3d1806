//! What is accessed.

use crate::name::{NameError, TeamName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The type of a resource that expresses a temporary role, with the capability `member`.
pub const ROLE_TYPE: &str = "role";
/// The capability of being in a temporary role.
pub const ROLE_CAPABILITY: &str = "member";

/// A resource as the outside names it: AuthZEN's `resource.type` and `resource.id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "ResourceParts")]
pub struct ResourceRef {
    /// Its type: `service`, `database`, `role`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id among its type: `payments-prod`.
    pub id: String,
}

#[derive(Deserialize)]
struct ResourceParts {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

impl TryFrom<ResourceParts> for ResourceRef {
    type Error = NameError;
    fn try_from(parts: ResourceParts) -> Result<Self, NameError> {
        Self::new(parts.kind, parts.id)
    }
}

impl ResourceRef {
    /// Names a resource. Errors when type or id is empty, over-long or unprintable.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Result<Self, NameError> {
        let (kind, id) = (kind.into(), id.into());
        crate::name::check("resource type", &kind)?;
        crate::name::check_id("resource", &id)?;
        Ok(Self { kind, id })
    }
}

impl std::fmt::Display for ResourceRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// What a scope needs to know of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceFacts {
    /// The resource.
    pub resource: ResourceRef,
    /// The team that owns it.
    pub team: TeamName,
    /// Its labels: `env` → `prod`.
    pub labels: BTreeMap<String, String>,
    /// Everything it is part of, directly or through another.
    pub ancestors: BTreeSet<ResourceRef>,
}
