//! The rows that make one directory into another.

use super::{Directory, DirectoryErrors, Group, Principal, Resource, Team};
use crate::name::{GroupName, TeamName};
use crate::principal::PrincipalRef;
use crate::resource::ResourceRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to write and what to mark as gone, so that a stored directory equals another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delta<'a> {
    /// Teams.
    pub teams: Rows<'a, TeamName, Team>,
    /// Groups with their members.
    pub groups: Rows<'a, GroupName, Group>,
    /// Principals.
    pub principals: Rows<'a, PrincipalRef, Principal>,
    /// Resources.
    pub resources: Rows<'a, ResourceRef, Resource>,
}

/// The rows of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rows<'a, K, V> {
    /// Those that are new or different, as they are afterwards.
    pub put: Vec<(&'a K, &'a V)>,
    /// Those that are not there afterwards.
    pub gone: Vec<&'a K>,
}

impl<K, V> Rows<'_, K, V> {
    fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }
}

impl Delta<'_> {
    /// Whether the two are the same.
    pub fn is_empty(&self) -> bool {
        self.teams.is_empty()
            && self.groups.is_empty()
            && self.principals.is_empty()
            && self.resources.is_empty()
    }
}

impl Directory {
    /// What has to be written of `after` where this one is stored.
    pub fn delta_to<'a>(&'a self, after: &'a Self) -> Delta<'a> {
        Delta {
            teams: rows(&self.teams, &after.teams),
            groups: rows(&self.groups, &after.groups),
            principals: rows(&self.principals, &after.principals),
            resources: rows(&self.resources, &after.resources),
        }
    }
}

/// A [`Delta`] as it was read back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnedDelta {
    teams: OwnedRows<TeamName, Team>,
    groups: OwnedRows<GroupName, Group>,
    principals: OwnedRows<PrincipalRef, Principal>,
    resources: OwnedRows<ResourceRef, Resource>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnedRows<K, V> {
    put: Vec<(K, V)>,
    gone: Vec<K>,
}

impl<K: Ord + Clone, V: Clone> OwnedRows<K, V> {
    fn applied(self, before: &BTreeMap<K, V>) -> BTreeMap<K, V> {
        let mut after = before.clone();
        for name in self.gone {
            after.remove(&name);
        }
        after.extend(self.put);
        after
    }
}

impl Directory {
    /// The directory with these rows. Errors where it would not fit together.
    pub fn with(&self, delta: OwnedDelta) -> Result<Self, DirectoryErrors> {
        Self::new(
            delta.teams.applied(&self.teams),
            delta.groups.applied(&self.groups),
            delta.principals.applied(&self.principals),
            delta.resources.applied(&self.resources),
        )
    }
}

fn rows<'a, K: Ord, V: PartialEq>(before: &'a BTreeMap<K, V>, after: &'a BTreeMap<K, V>) -> Rows<'a, K, V> {
    Rows {
        put: after
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(*value))
            .collect(),
        gone: before.keys().filter(|key| !after.contains_key(*key)).collect(),
    }
}
