//! What is different between two directories, by id: no addresses, no provider's ids, no values of attributes.

use super::{Attributes, Directory, Principal, Resource};
use crate::name::{GroupName, TeamName};
use crate::principal::PrincipalRef;
use crate::resource::ResourceRef;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is different.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DirectoryChange {
    /// Teams.
    pub teams: TeamChanges,
    /// Groups.
    pub groups: GroupChanges,
    /// Persons, workloads, agents.
    pub principals: EntryChanges<PrincipalRef>,
    /// Resources.
    pub resources: EntryChanges<ResourceRef>,
}

/// Which teams are different.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TeamChanges {
    /// New ones.
    pub came: Vec<TeamName>,
    /// Those that are gone.
    pub left: Vec<TeamName>,
    /// Those that other people own.
    pub owners: Vec<OwnersChange>,
    /// Those with another title.
    pub renamed: Vec<TeamName>,
}

/// A team with other owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnersChange {
    /// The team.
    pub team: TeamName,
    /// The group that owned it.
    pub from: GroupName,
    /// The group that owns it.
    pub to: GroupName,
}

/// Which groups are different.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GroupChanges {
    /// New ones.
    pub came: Vec<GroupName>,
    /// Those that are gone.
    pub left: Vec<GroupName>,
    /// Those with other members or parents.
    pub members: Vec<MembersChange>,
    /// Those with another title.
    pub renamed: Vec<GroupName>,
}

/// A group with other members or parents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MembersChange {
    /// The group.
    pub group: GroupName,
    /// Who came into it.
    pub came: Vec<PrincipalRef>,
    /// Who left it.
    pub left: Vec<PrincipalRef>,
    /// The groups that it is part of now.
    pub parents_came: Vec<GroupName>,
    /// The groups that it is no longer part of.
    pub parents_left: Vec<GroupName>,
}

/// Which principals or resources are different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryChanges<T> {
    /// New ones.
    pub came: Vec<T>,
    /// Those that are gone.
    pub left: Vec<T>,
    /// Those of another team.
    pub moved: Vec<Moved<T>>,
    /// Those that are different in something else.
    pub changed: Vec<Changed<T>>,
}

impl<T> Default for EntryChanges<T> {
    fn default() -> Self {
        Self {
            came: Vec::new(),
            left: Vec::new(),
            moved: Vec::new(),
            changed: Vec::new(),
        }
    }
}

/// Something that belongs to another team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved<T> {
    /// Which.
    pub what: T,
    /// The team before.
    pub from: TeamName,
    /// The team now.
    pub to: TeamName,
}

/// Something with other fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed<T> {
    /// Which.
    pub what: T,
    /// The names of the fields: `display_name`, `attributes.level`, `labels.env`, `parents`.
    pub fields: Vec<String>,
}

impl DirectoryChange {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Each difference in words, the owners of teams and the members of groups first. Ids are somebody's own words.
    pub fn words(&self) -> Vec<String> {
        let mut said = Vec::new();
        for one in &self.teams.owners {
            said.push(format!(
                "team {} is owned by group {} instead of {}",
                one.team, one.to, one.from
            ));
        }
        for one in &self.groups.members {
            for (verb, who) in [
                ("has the new member", &one.came),
                ("no longer has the member", &one.left),
            ] {
                said.extend(who.iter().map(|who| format!("group {} {verb} {who}", one.group)));
            }
            for (verb, parents) in [
                ("is part of", &one.parents_came),
                ("is no longer part of", &one.parents_left),
            ] {
                said.extend(
                    parents
                        .iter()
                        .map(|parent| format!("group {} {verb} group {parent}", one.group)),
                );
            }
        }
        said.extend(self.principals.words());
        said.extend(self.resources.words());
        said.extend(self.groups.came.iter().map(|group| format!("group {group} came")));
        said.extend(self.groups.left.iter().map(|group| format!("group {group} left")));
        said.extend(self.teams.came.iter().map(|team| format!("team {team} came")));
        said.extend(self.teams.left.iter().map(|team| format!("team {team} left")));
        said.extend(
            self.groups
                .renamed
                .iter()
                .map(|group| format!("group {group} has another title")),
        );
        said.extend(
            self.teams
                .renamed
                .iter()
                .map(|team| format!("team {team} has another title")),
        );
        said
    }
}

impl<T: std::fmt::Display> EntryChanges<T> {
    fn words(&self) -> impl Iterator<Item = String> {
        let left = self.left.iter().map(|what| format!("{what} left"));
        let moved = self
            .moved
            .iter()
            .map(|one| format!("{} moved from team {} to {}", one.what, one.from, one.to));
        let came = self.came.iter().map(|what| format!("{what} came"));
        let changed = self
            .changed
            .iter()
            .map(|one| format!("{} has another {}", one.what, one.fields.join(", ")));
        left.chain(moved).chain(came).chain(changed)
    }
}

impl Directory {
    /// What is different in `after`.
    pub fn changes_to(&self, after: &Self) -> DirectoryChange {
        let mut change = DirectoryChange::default();
        let (came, left, both) = compare(&self.teams, &after.teams);
        change.teams.came = came;
        change.teams.left = left;
        for (name, before, after) in both {
            if before.owners != after.owners {
                change.teams.owners.push(OwnersChange {
                    team: name.clone(),
                    from: before.owners.clone(),
                    to: after.owners.clone(),
                });
            }
            if before.title != after.title {
                change.teams.renamed.push(name.clone());
            }
        }
        let (came, left, both) = compare(&self.groups, &after.groups);
        change.groups.came = came;
        change.groups.left = left;
        for (name, before, after) in both {
            let members = MembersChange {
                group: name.clone(),
                came: missing(&after.members, &before.members),
                left: missing(&before.members, &after.members),
                parents_came: missing(&after.parents, &before.parents),
                parents_left: missing(&before.parents, &after.parents),
            };
            if before.members != after.members || before.parents != after.parents {
                change.groups.members.push(members);
            }
            if before.title != after.title {
                change.groups.renamed.push(name.clone());
            }
        }
        change.principals = entries(
            &self.principals,
            &after.principals,
            |one| &one.team,
            principal_fields,
        );
        change.resources = entries(
            &self.resources,
            &after.resources,
            |one| &one.team,
            resource_fields,
        );
        change
    }
}

/// The keys that came, those that left, and what is in both.
type Compared<'a, K, V> = (Vec<K>, Vec<K>, Vec<(&'a K, &'a V, &'a V)>);

fn compare<'a, K: Ord + Clone, V>(
    before: &'a BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> Compared<'a, K, V> {
    let came = after
        .keys()
        .filter(|key| !before.contains_key(*key))
        .cloned()
        .collect();
    let left = before
        .keys()
        .filter(|key| !after.contains_key(*key))
        .cloned()
        .collect();
    let both = before
        .iter()
        .filter_map(|(key, one)| after.get(key).map(|other| (key, one, other)))
        .collect();
    (came, left, both)
}

fn missing<T: Ord + Clone>(of: &BTreeSet<T>, from: &BTreeSet<T>) -> Vec<T> {
    of.difference(from).cloned().collect()
}

fn entries<K: Ord + Clone, V: PartialEq>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
    team: impl Fn(&V) -> &TeamName,
    fields: impl Fn(&V, &V) -> Vec<String>,
) -> EntryChanges<K> {
    let (came, left, both) = compare(before, after);
    let mut changes = EntryChanges {
        came,
        left,
        ..EntryChanges::default()
    };
    for (name, one, other) in both.into_iter().filter(|(_, one, other)| one != other) {
        if team(one) != team(other) {
            changes.moved.push(Moved {
                what: name.clone(),
                from: team(one).clone(),
                to: team(other).clone(),
            });
        }
        let fields = fields(one, other);
        if !fields.is_empty() {
            changes.changed.push(Changed {
                what: name.clone(),
                fields,
            });
        }
    }
    changes
}

fn principal_fields(before: &Principal, after: &Principal) -> Vec<String> {
    let mut fields = Vec::new();
    if before.display_name != after.display_name {
        fields.push("display_name".to_owned());
    }
    fields.extend(different("attributes", &before.attributes, &after.attributes));
    fields
}

fn resource_fields(before: &Resource, after: &Resource) -> Vec<String> {
    let mut fields = Vec::new();
    if before.display_name != after.display_name {
        fields.push("display_name".to_owned());
    }
    if before.parents != after.parents {
        fields.push("parents".to_owned());
    }
    fields.extend(different("labels", &before.labels, &after.labels));
    let attributes: (&Attributes, &Attributes) = (&before.attributes, &after.attributes);
    fields.extend(different("attributes", attributes.0, attributes.1));
    fields
}

fn different<'a, V: PartialEq>(
    what: &'a str,
    before: &'a BTreeMap<String, V>,
    after: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = String> + 'a {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(move |key| format!("{what}.{key}"))
}
