//! The directory: teams, groups, principals and resources, and what follows from them.
//!
//! It comes from the catalogue and the identity provider, never from what a client sends.

mod change;

pub use change::{
    Changed, DirectoryChange, EntryChanges, GroupChanges, MembersChange, Moved, OwnersChange, TeamChanges,
};

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

/// What a directory may not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Something names a team that is not there.
    #[error("{what} names the team {team}, which does not exist")]
    UnknownTeam {
        /// What names it.
        what: String,
        /// The team.
        team: TeamName,
    },
    /// Something names a group that is not there.
    #[error("{what} names the group {group}, which does not exist")]
    UnknownGroup {
        /// What names it.
        what: String,
        /// The group.
        group: GroupName,
    },
    /// A group has a member that is not there.
    #[error("group {group} has the member {member}, which does not exist")]
    UnknownMember {
        /// The group.
        group: GroupName,
        /// The member.
        member: String,
    },
    /// A resource is part of one that is not there.
    #[error("{resource} is part of {parent}, which does not exist")]
    UnknownParent {
        /// The resource.
        resource: String,
        /// The parent.
        parent: String,
    },
    /// A group or resource is part of itself, directly or through others.
    #[error("{0} is part of itself")]
    Cycle(String),
}

impl Directory {
    /// Builds a directory and what follows from it; errors name the first thing that does not fit.
    pub fn new(
        teams: BTreeMap<TeamName, Team>,
        groups: BTreeMap<GroupName, Group>,
        principals: BTreeMap<PrincipalRef, Principal>,
        resources: BTreeMap<ResourceRef, Resource>,
    ) -> Result<Self, DirectoryError> {
        for (name, team) in &teams {
            require_group(&groups, &team.owners, || format!("team {name}"))?;
        }
        for (name, group) in &groups {
            for parent in &group.parents {
                require_group(&groups, parent, || format!("group {name}"))?;
            }
            for member in &group.members {
                if !principals.contains_key(member) {
                    return Err(DirectoryError::UnknownMember {
                        group: name.clone(),
                        member: member.to_string(),
                    });
                }
            }
        }
        for (name, principal) in &principals {
            require_team(&teams, &principal.team, || name.to_string())?;
        }
        for (name, resource) in &resources {
            require_team(&teams, &resource.team, || name.to_string())?;
            if let Some(parent) = resource
                .parents
                .iter()
                .find(|parent| !resources.contains_key(*parent))
            {
                return Err(DirectoryError::UnknownParent {
                    resource: name.to_string(),
                    parent: parent.to_string(),
                });
            }
        }
        let above = |name: &GroupName| groups.get(name).map(|group| &group.parents);
        let mut group_closure: BTreeMap<PrincipalRef, BTreeSet<GroupName>> = BTreeMap::new();
        for (name, group) in &groups {
            let mut all = ancestors(name, &above)?;
            all.insert(name.clone());
            for member in &group.members {
                group_closure
                    .entry(member.clone())
                    .or_default()
                    .extend(all.iter().cloned());
            }
        }
        let above = |name: &ResourceRef| resources.get(name).map(|resource| &resource.parents);
        let resource_closure = resources
            .keys()
            .map(|name| Ok((name.clone(), ancestors(name, &above)?)))
            .collect::<Result<_, DirectoryError>>()?;
        Ok(Self {
            teams,
            groups,
            principals,
            resources,
            group_closure,
            resource_closure,
        })
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

fn require_group(
    groups: &BTreeMap<GroupName, Group>,
    group: &GroupName,
    what: impl Fn() -> String,
) -> Result<(), DirectoryError> {
    if groups.contains_key(group) {
        Ok(())
    } else {
        Err(DirectoryError::UnknownGroup {
            what: what(),
            group: group.clone(),
        })
    }
}

fn require_team(
    teams: &BTreeMap<TeamName, Team>,
    team: &TeamName,
    what: impl Fn() -> String,
) -> Result<(), DirectoryError> {
    if teams.contains_key(team) {
        Ok(())
    } else {
        Err(DirectoryError::UnknownTeam {
            what: what(),
            team: team.clone(),
        })
    }
}

/// Everything above a node; errors where the node is above itself.
fn ancestors<'a, T: Ord + Clone + std::fmt::Display + 'a>(
    node: &'a T,
    above: &impl Fn(&T) -> Option<&'a BTreeSet<T>>,
) -> Result<BTreeSet<T>, DirectoryError> {
    let mut found: BTreeSet<T> = BTreeSet::new();
    let mut open: Vec<&T> = above(node).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if next == node {
            return Err(DirectoryError::Cycle(node.to_string()));
        }
        if found.insert(next.clone()) {
            open.extend(above(next).into_iter().flatten());
        }
    }
    Ok(found)
}
