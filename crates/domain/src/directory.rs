//! The directory: teams, groups, principals and resources, and what follows from them.
//!
//! It comes from the catalogue and the identity provider, never from what a client sends.

mod change;
mod delta;

pub use change::{
    Changed, DirectoryChange, EntryChanges, GroupChanges, MembersChange, Moved, OwnersChange, TeamChanges,
};

pub use delta::{Delta, OwnedDelta, Rows};

use crate::id::PrincipalUid;
use crate::name::{GroupName, PersonId, TeamName};
use crate::principal::{PrincipalFacts, PrincipalKind, PrincipalRef};
use crate::resource::{ResourceFacts, ResourceRef};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Those of the attributes that are texts: what a scope picks principals by.
fn texts(attributes: &Attributes) -> BTreeMap<String, String> {
    attributes
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// Attributes that rules read: strings, whole numbers, booleans, lists and records of them.
pub type Attributes = BTreeMap<String, serde_json::Value>;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its name as people say it.
    pub title: String,
    /// The group whose members decide on what the team owns.
    pub owners: GroupName,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name as people say it.
    pub title: String,
    /// Who is in it directly.
    pub members: BTreeSet<PrincipalRef>,
    /// The groups that it is part of.
    pub parents: BTreeSet<GroupName>,
}

/// A principal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Principal {
    /// The random id that ledger leaves use.
    pub uid: PrincipalUid,
    /// Its name as people say it.
    pub display_name: String,
    /// The one team that it belongs to.
    pub team: TeamName,
    /// What rules read of it.
    pub attributes: Attributes,
}

/// A resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Its name as people say it.
    pub display_name: String,
    /// The one team that owns it.
    pub team: TeamName,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What rules read of it besides.
    pub attributes: Attributes,
    /// What it is part of.
    pub parents: BTreeSet<ResourceRef>,
}

/// The whole directory at one generation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Directory {
    /// Teams by name.
    pub teams: BTreeMap<TeamName, Team>,
    /// Groups by name.
    pub groups: BTreeMap<GroupName, Group>,
    /// Principals.
    pub principals: BTreeMap<PrincipalRef, Principal>,
    /// Resources.
    pub resources: BTreeMap<ResourceRef, Resource>,
    group_closure: BTreeMap<PrincipalRef, BTreeSet<GroupName>>,
    resource_closure: BTreeMap<ResourceRef, BTreeSet<ResourceRef>>,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A team.
    Team(TeamName),
    /// A group.
    Group(GroupName),
    /// A principal.
    Principal(PrincipalRef),
    /// A resource.
    Resource(ResourceRef),
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Team(name) => write!(f, "team {name}"),
            Self::Group(name) => write!(f, "group {name}"),
            Self::Principal(name) => name.fmt(f),
            Self::Resource(name) => name.fmt(f),
        }
    }
}

/// What a directory may not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{entry} {fault}")]
pub struct DirectoryError {
    /// Where.
    pub entry: Entry,
    /// What is wrong with it.
    pub fault: DirectoryFault,
}

/// What may be wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryFault {
    /// It names a team that is not there.
    #[error("names the team {0}, which does not exist")]
    UnknownTeam(TeamName),
    /// It names a group that is not there.
    #[error("names the group {0}, which does not exist")]
    UnknownGroup(GroupName),
    /// A group has a member that is not there.
    #[error("has the member {0}, which does not exist")]
    UnknownMember(PrincipalRef),
    /// A resource is part of one that is not there.
    #[error("is part of {0}, which does not exist")]
    UnknownParent(ResourceRef),
    /// A group or resource is part of itself, directly or through others.
    #[error("is part of itself")]
    Cycle,
}

/// Everything that is wrong with a directory; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the directory is wrong in {} places, the first: {}",
    .0.len(),
    .0.first().map(ToString::to_string).unwrap_or_default()
)]
pub struct DirectoryErrors(pub Vec<DirectoryError>);

impl Directory {
    /// Builds a directory and what follows from it. Errors name everything that does not fit.
    pub fn new(
        teams: BTreeMap<TeamName, Team>,
        groups: BTreeMap<GroupName, Group>,
        principals: BTreeMap<PrincipalRef, Principal>,
        resources: BTreeMap<ResourceRef, Resource>,
    ) -> Result<Self, DirectoryErrors> {
        let mut built = Self {
            teams,
            groups,
            principals,
            resources,
            group_closure: BTreeMap::new(),
            resource_closure: BTreeMap::new(),
        };
        let mut errors = built.unknown();
        let above = |name: &GroupName| built.groups.get(name).map(|group| &group.parents);
        let mut group_closure: BTreeMap<PrincipalRef, BTreeSet<GroupName>> = BTreeMap::new();
        for (name, group) in &built.groups {
            let Some(mut all) = ancestors(name, &above) else {
                errors.push(DirectoryError {
                    entry: Entry::Group(name.clone()),
                    fault: DirectoryFault::Cycle,
                });
                continue;
            };
            all.insert(name.clone());
            for member in &group.members {
                group_closure
                    .entry(member.clone())
                    .or_default()
                    .extend(all.iter().cloned());
            }
        }
        let above = |name: &ResourceRef| built.resources.get(name).map(|resource| &resource.parents);
        let mut resource_closure = BTreeMap::new();
        for name in built.resources.keys() {
            match ancestors(name, &above) {
                Some(all) => {
                    resource_closure.insert(name.clone(), all);
                }
                None => errors.push(DirectoryError {
                    entry: Entry::Resource(name.clone()),
                    fault: DirectoryFault::Cycle,
                }),
            }
        }
        if !errors.is_empty() {
            return Err(DirectoryErrors(errors));
        }
        built.group_closure = group_closure;
        built.resource_closure = resource_closure;
        Ok(built)
    }

    /// Everything that names something which is not there.
    fn unknown(&self) -> Vec<DirectoryError> {
        let mut errors = Vec::new();
        let mut note = |entry: Entry, fault: DirectoryFault| errors.push(DirectoryError { entry, fault });
        for (name, team) in &self.teams {
            if !self.groups.contains_key(&team.owners) {
                let fault = DirectoryFault::UnknownGroup(team.owners.clone());
                note(Entry::Team(name.clone()), fault);
            }
        }
        for (name, group) in &self.groups {
            for parent in group.parents.iter().filter(|one| !self.groups.contains_key(*one)) {
                let fault = DirectoryFault::UnknownGroup(parent.clone());
                note(Entry::Group(name.clone()), fault);
            }
            for member in group
                .members
                .iter()
                .filter(|one| !self.principals.contains_key(*one))
            {
                let fault = DirectoryFault::UnknownMember(member.clone());
                note(Entry::Group(name.clone()), fault);
            }
        }
        for (name, principal) in &self.principals {
            if !self.teams.contains_key(&principal.team) {
                let fault = DirectoryFault::UnknownTeam(principal.team.clone());
                note(Entry::Principal(name.clone()), fault);
            }
        }
        for (name, resource) in &self.resources {
            if !self.teams.contains_key(&resource.team) {
                let fault = DirectoryFault::UnknownTeam(resource.team.clone());
                note(Entry::Resource(name.clone()), fault);
            }
            for parent in resource
                .parents
                .iter()
                .filter(|one| !self.resources.contains_key(*one))
            {
                let fault = DirectoryFault::UnknownParent(parent.clone());
                note(Entry::Resource(name.clone()), fault);
            }
        }
        errors
    }

    /// What scopes need to know of a principal; none where it is unknown.
    pub fn principal_facts(&self, principal: &PrincipalRef) -> Option<PrincipalFacts> {
        self.principals.get(principal).map(|found| PrincipalFacts {
            principal: principal.clone(),
            team: found.team.clone(),
            groups: self.group_closure.get(principal).cloned().unwrap_or_default(),
            labels: texts(&found.attributes),
        })
    }

    /// What scopes need to know of a resource; none where it is unknown.
    pub fn resource_facts(&self, resource: &ResourceRef) -> Option<ResourceFacts> {
        self.resources.get(resource).map(|found| ResourceFacts {
            resource: resource.clone(),
            team: found.team.clone(),
            labels: found.labels.clone(),
            ancestors: self.resource_closure.get(resource).cloned().unwrap_or_default(),
        })
    }

    /// Everything a resource is part of, directly or through another.
    pub fn resource_ancestors(&self, resource: &ResourceRef) -> Option<&BTreeSet<ResourceRef>> {
        self.resource_closure.get(resource)
    }

    /// All groups of a principal, ancestors included.
    pub fn groups_of(&self, principal: &PrincipalRef) -> Option<&BTreeSet<GroupName>> {
        self.group_closure.get(principal)
    }

    /// The persons in a group, directly or through a group within it.
    pub fn persons_in(&self, group: &GroupName) -> BTreeSet<PersonId> {
        self.group_closure
            .iter()
            .filter(|(_, groups)| groups.contains(group))
            .filter_map(|(principal, _)| principal.person())
            .collect()
    }

    /// The persons of a team.
    pub fn persons_of(&self, team: &TeamName) -> BTreeSet<PersonId> {
        self.principals
            .iter()
            .filter(|(_, principal)| principal.team == *team)
            .filter_map(|(name, _)| name.person())
            .collect()
    }

    /// All persons.
    pub fn persons(&self) -> impl Iterator<Item = (PersonId, &Principal)> {
        self.principals
            .iter()
            .filter(|(name, _)| name.kind == PrincipalKind::Person)
            .filter_map(|(name, principal)| name.person().map(|person| (person, principal)))
    }
}

/// Everything above a node; none where the node is above itself.
fn ancestors<'a, T: Ord + Clone + 'a>(
    node: &'a T,
    above: &impl Fn(&T) -> Option<&'a BTreeSet<T>>,
) -> Option<BTreeSet<T>> {
    let mut found: BTreeSet<T> = BTreeSet::new();
    let mut open: Vec<&T> = above(node).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if next == node {
            return None;
        }
        if found.insert(next.clone()) {
            open.extend(above(next).into_iter().flatten());
        }
    }
    Some(found)
}
