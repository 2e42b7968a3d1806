//! Entity versions: what a decision read of the directory, by digest, so that it can be replayed after the directory
//! has changed.
//!
//! A version of a principal holds all its groups, a version of a resource the digests of nothing else: what it is part
//! of has versions of its own, and a decision names them all.

use domain::digest::{CanonicalError, Digest};
use domain::directory::{Attributes, Directory, DirectoryErrors, Group, Principal, Resource, Team};
use domain::name::GroupName;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One version of a principal or a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entity", rename_all = "snake_case")]
pub enum EntityVersion {
    /// A principal.
    Principal {
        /// Which.
        name: PrincipalRef,
        /// What the directory says of it.
        is: Principal,
        /// The groups that it is in directly.
        member_of: BTreeSet<GroupName>,
        /// Those and all above them, each with the groups that it is part of.
        groups: BTreeMap<GroupName, BTreeSet<GroupName>>,
    },
    /// A resource.
    Resource {
        /// Which.
        name: ResourceRef,
        /// What the directory says of it.
        is: Resource,
    },
}

impl EntityVersion {
    fn name(self) -> Name {
        match self {
            Self::Principal { name, .. } => Name::Principal(name),
            Self::Resource { name, .. } => Name::Resource(name),
        }
    }
}

/// The digests of all entity versions of a directory, by what a decision about it may read.
#[derive(Debug, Default)]
pub struct Entities {
    /// Of each thing by itself.
    own: BTreeMap<Name, Digest>,
    principals: HashMap<PrincipalRef, Vec<Digest>>,
    resources: HashMap<ResourceRef, Vec<Digest>>,
}

/// The entity versions of a directory that it does not share with the one before, for
/// [`store::directory::store_entity_versions`].
pub fn entity_versions(
    before: &Directory,
    directory: &Directory,
) -> Result<Vec<(Digest, Value)>, serde_json::Error> {
    let same = Same::between(before, directory);
    every(directory, |name| same.has(name))
        .map(|version| {
            let body = serde_json::to_value(&version)?;
            let digest = Digest::of_canonical(&body).map_err(serde::ser::Error::custom)?;
            Ok((digest, body))
        })
        .collect()
}

/// What means the same in two directories: it and all groups above it are equal.
struct Same<'a> {
    before: &'a Directory,
    after: &'a Directory,
    /// Groups with other members or parents, or that only one of the two has.
    groups: BTreeSet<&'a GroupName>,
}

impl<'a> Same<'a> {
    fn between(before: &'a Directory, after: &'a Directory) -> Self {
        let differ = |name: &&GroupName| match (before.groups.get(*name), after.groups.get(*name)) {
            (Some(was), Some(is)) => was.members != is.members || was.parents != is.parents,
            _ => true,
        };
        Self {
            before,
            after,
            groups: before
                .groups
                .keys()
                .chain(after.groups.keys())
                .filter(differ)
                .collect(),
        }
    }

    fn has(&self, name: &Name) -> bool {
        match name {
            Name::Principal(name) => {
                let groups = self.after.groups_of(name);
                self.before.principals.get(name) == self.after.principals.get(name)
                    && self.before.groups_of(name) == groups
                    && (self.groups.is_empty()
                        || !groups
                            .into_iter()
                            .flatten()
                            .any(|group| self.groups.contains(group)))
            }
            Name::Resource(name) => self.before.resources.get(name) == self.after.resources.get(name),
        }
    }
}

/// Every version but those that are left out.
fn every(directory: &Directory, left_out: impl Fn(&Name) -> bool) -> impl Iterator<Item = EntityVersion> {
    let principals = directory.principals.keys().cloned().map(Name::Principal);
    let resources = directory.resources.keys().cloned().map(Name::Resource);
    principals
        .chain(resources)
        .filter(move |name| !left_out(name))
        .filter_map(|name| version(directory, name))
}

/// The version of a thing as the directory has it.
fn version(directory: &Directory, name: Name) -> Option<EntityVersion> {
    Some(match name {
        Name::Principal(name) => principal(directory, &name, directory.principals.get(&name)?),
        Name::Resource(name) => EntityVersion::Resource {
            is: directory.resources.get(&name)?.clone(),
            name,
        },
    })
}

fn principal(directory: &Directory, name: &PrincipalRef, is: &Principal) -> EntityVersion {
    let all = directory.groups_of(name).cloned().unwrap_or_default();
    let groups: BTreeMap<GroupName, BTreeSet<GroupName>> = all
        .into_iter()
        .map(|group| {
            let parents = directory
                .groups
                .get(&group)
                .map(|found| found.parents.clone())
                .unwrap_or_default();
            (group, parents)
        })
        .collect();
    let direct = |group: &&GroupName| {
        directory
            .groups
            .get(*group)
            .is_some_and(|found| found.members.contains(name))
    };
    EntityVersion::Principal {
        name: name.clone(),
        is: is.clone(),
        member_of: groups.keys().filter(direct).cloned().collect(),
        groups,
    }
}

/// A directory of just these versions, in which everything in them means what it meant. Errors where something that
/// they name is missing.
pub fn directory_of(versions: Vec<EntityVersion>) -> Result<Directory, DirectoryErrors> {
    let (mut teams, mut principals, mut resources) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut groups: BTreeMap<GroupName, Group> = BTreeMap::new();
    let mut owned = BTreeSet::new();
    for version in versions {
        match version {
            EntityVersion::Principal {
                name,
                is,
                member_of,
                groups: above,
            } => {
                for (group, parents) in above {
                    groups.entry(group).or_default().parents.extend(parents);
                }
                for group in member_of {
                    groups.entry(group).or_default().members.insert(name.clone());
                }
                owned.insert(is.team.clone());
                principals.insert(name, is);
            }
            EntityVersion::Resource { name, is } => {
                owned.insert(is.team.clone());
                resources.insert(name, is);
            }
        }
    }
    // No rule reads who owns a team's things, and no version says it; yet a team has a group of owners.
    for team in owned {
        if let Ok(owners) = GroupName::new(OWNERS) {
            groups.entry(owners.clone()).or_default();
            teams.insert(
                team,
                Team {
                    title: String::new(),
                    owners,
                },
            );
        }
    }
    Directory::new(teams, groups, principals, resources)
}

/// The group that stands for the owners of every team in a restored directory; nobody is in it.
const OWNERS: &str = "(owners)";

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Principal(PrincipalRef),
    Resource(ResourceRef),
}

impl Entities {
    /// Digests everything in a directory.
    pub fn of(directory: &Directory) -> Result<Self, CanonicalError> {
        Self::default().after(&Directory::default(), directory)
    }

    /// Those of the next directory, where these are of the one before: what means the same in both is not digested again.
    pub fn after(&self, before: &Directory, directory: &Directory) -> Result<Self, CanonicalError> {
        let same = Same::between(before, directory);
        let kept = |name: &Name| self.own.contains_key(name) && same.has(name);
        let mut own: BTreeMap<Name, Digest> = self
            .own
            .iter()
            .filter(|(name, _)| same.has(name))
            .map(|(name, digest)| (name.clone(), *digest))
            .collect();
        for version in every(directory, kept) {
            let digest = Digest::of_canonical(&version)?;
            own.insert(version.name(), digest);
        }
        let digests_of = |name: Name| -> Vec<Digest> {
            reached(directory, name)
                .iter()
                .filter_map(|name| own.get(name).copied())
                .collect()
        };
        let principals = directory
            .principals
            .keys()
            .map(|name| (name.clone(), digests_of(Name::Principal(name.clone()))))
            .collect();
        let resources = directory
            .resources
            .keys()
            .map(|name| (name.clone(), digests_of(Name::Resource(name.clone()))))
            .collect();
        Ok(Self {
            own,
            principals,
            resources,
        })
    }

    /// The versions that a decision about this principal may read: its own, and those that attributes name.
    pub fn of_principal(&self, principal: &PrincipalRef) -> &[Digest] {
        self.principals.get(principal).map_or(&[], Vec::as_slice)
    }

    /// The versions that a decision about this resource may read: its own, those of all it is part of, and those that
    /// attributes name.
    pub fn of_resource(&self, resource: &ResourceRef) -> &[Digest] {
        self.resources.get(resource).map_or(&[], Vec::as_slice)
    }
}

/// The thing itself, what it is part of, and what attributes of any of them name.
fn reached(directory: &Directory, first: Name) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut open = vec![first];
    while let Some(name) = open.pop() {
        match &name {
            Name::Principal(principal) => {
                if let Some(is) = directory.principals.get(principal) {
                    open.extend(named_by(&is.attributes).filter(|name| !found.contains(name)));
                }
            }
            Name::Resource(resource) => {
                if let Some(is) = directory.resources.get(resource) {
                    let parents = is.parents.iter().cloned().map(Name::Resource);
                    open.extend(
                        parents
                            .chain(named_by(&is.attributes))
                            .filter(|name| !found.contains(name)),
                    );
                }
            }
        }
        found.insert(name);
    }
    found
}

/// What attributes name: Cedar's `{"type": "Service", "id": "payments-prod"}`, at any depth. More than the schema
/// declares to be a reference does no harm.
fn named_by(attributes: &Attributes) -> impl Iterator<Item = Name> {
    let mut named = Vec::new();
    let mut open: Vec<&Value> = attributes.values().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                if let (Some(Value::String(kind)), Some(Value::String(id))) =
                    (members.get("type"), members.get("id"))
                {
                    named.extend(name(kind, id));
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    named.into_iter()
}

fn name(kind: &str, id: &str) -> Option<Name> {
    let principal = match kind {
        "Person" => Some(PrincipalKind::Person),
        "Workload" => Some(PrincipalKind::Workload),
        "Agent" => Some(PrincipalKind::Agent),
        _ => None,
    };
    match principal {
        Some(kind) => PrincipalRef::new(kind, id).ok().map(Name::Principal),
        None => ResourceRef::new(snake(kind), id).ok().map(Name::Resource),
    }
}

/// `SearchIndex` → `search_index`: how `policy` spells the types of resources.
fn snake(kind: &str) -> String {
    let mut spelled = String::with_capacity(kind.len() + 4);
    for (place, letter) in kind.chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_lowercase());
    }
    spelled
}
