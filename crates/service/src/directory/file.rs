//! The directory as a file: what an operator writes, or a script makes from an inventory.

use domain::client::{ResourcePattern, SubjectPattern};
use domain::directory::{Attributes, Directory, DirectoryError, Group, Principal, Resource, Team};
use domain::id::PrincipalUid;
use domain::incident::IncidentPrefix;
use domain::name::{GroupName, NameError, PersonId, TeamName};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::text::{cleaned, is_clean};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A whole directory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryFile {
    /// Teams by name.
    #[serde(default)]
    pub teams: BTreeMap<TeamName, TeamFile>,
    /// Groups by name.
    #[serde(default)]
    pub groups: BTreeMap<GroupName, GroupFile>,
    /// Persons, workloads, agents.
    #[serde(default)]
    pub principals: Vec<PrincipalFile>,
    /// Resources.
    #[serde(default)]
    pub resources: Vec<ResourceFile>,
    /// Clients, registered beside the directory; their tokens are made at registration.
    #[serde(default)]
    pub clients: Vec<ClientFile>,
}

/// A team.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamFile {
    /// Its name as people say it.
    pub title: String,
    /// The group that decides on what it owns.
    pub owners: GroupName,
}

/// A group. Members are named by id.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupFile {
    /// Its name as people say it.
    pub title: String,
    /// Persons.
    #[serde(default)]
    pub members: Vec<String>,
    /// Workloads.
    #[serde(default)]
    pub workloads: Vec<String>,
    /// Agents.
    #[serde(default)]
    pub agents: Vec<String>,
    /// Groups that it is part of.
    #[serde(default)]
    pub parents: BTreeSet<GroupName>,
}

/// A principal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalFile {
    /// Which kind.
    pub kind: PrincipalKind,
    /// Its id among its kind.
    pub id: String,
    /// Its name as people say it.
    pub display_name: String,
    /// Its team.
    pub team: TeamName,
    /// What rules read of it.
    #[serde(default)]
    pub attributes: Attributes,
    /// A person's sign-ins.
    #[serde(default)]
    pub sign_ins: Vec<SignInFile>,
}

/// An identity at a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInFile {
    /// The issuer.
    pub iss: String,
    /// The subject.
    pub sub: String,
}

/// A resource.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceFile {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id among its type.
    pub id: String,
    /// Its name as people say it.
    pub display_name: String,
    /// The team that owns it.
    pub team: TeamName,
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What rules read of it besides.
    #[serde(default)]
    pub attributes: Attributes,
    /// What it is part of.
    #[serde(default)]
    pub parents: BTreeSet<ResourceRef>,
}

/// A client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientFile {
    /// Its name in lists.
    pub name: String,
    /// The subjects that it may ask about.
    pub subjects: Vec<SubjectPattern>,
    /// The resources that it may ask about.
    pub resources: Vec<ResourcePattern>,
    /// The context keys that it is trusted to assert.
    #[serde(default)]
    pub trusted_keys: BTreeSet<String>,
    /// Its right to signal: about whom, how many an hour, for how long.
    #[serde(default)]
    pub signals: Option<domain::signal::SignalRight>,
    /// Its right to tell of incidents: how their ids begin (`"INC-"`). `true` is any id, for a sole source.
    #[serde(
        default,
        deserialize_with = "incidents",
        skip_serializing_if = "Option::is_none"
    )]
    pub incidents: Option<IncidentPrefix>,
}

fn incidents<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<IncidentPrefix>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Right {
        Any(bool),
        Prefix(IncidentPrefix),
    }
    Ok(match Right::deserialize(from)? {
        Right::Any(false) => None,
        Right::Any(true) => Some(IncidentPrefix::any()),
        Right::Prefix(prefix) => Some(prefix),
    })
}

/// Why a file is no directory.
#[derive(Debug, thiserror::Error)]
pub(super) enum DirectoryFileError {
    /// A name or an id that is not valid.
    #[error("{entry} is not valid: {source}")]
    Name {
        /// Which entry of the file.
        entry: String,
        /// Why.
        source: NameError,
    },
    /// A text with control characters, which no column stores and no page shows.
    #[error("a title, name, label or sign-in of {0} has a control character")]
    Text(String),
    /// Something is named twice.
    #[error("{0} stands there twice")]
    Twice(String),
    /// Only persons sign in.
    #[error("{0} has a sign-in, but only persons sign in")]
    SignIn(String),
    /// A number that no rule and no digest can hold exactly.
    #[error("{0} has an attribute with a number beyond 2^53 or with a fraction")]
    Number(String),
    /// It does not fit together.
    #[error("{0}")]
    Directory(#[from] DirectoryError),
}

impl DirectoryFile {
    /// The directory, with the random ids that its principals have already, or new ones.
    pub(super) fn directory(
        &self,
        known: impl Fn(&PrincipalRef) -> Option<PrincipalUid>,
        fresh: impl Fn() -> Uuid,
    ) -> Result<Directory, DirectoryFileError> {
        self.check_texts()?;
        let teams = self
            .teams
            .iter()
            .map(|(name, team)| {
                (
                    name.clone(),
                    Team {
                        title: team.title.clone(),
                        owners: team.owners.clone(),
                    },
                )
            })
            .collect();
        let mut groups = BTreeMap::new();
        for (name, group) in &self.groups {
            let named = [
                (PrincipalKind::Person, &group.members),
                (PrincipalKind::Workload, &group.workloads),
                (PrincipalKind::Agent, &group.agents),
            ];
            let mut members = BTreeSet::new();
            for (kind, ids) in named {
                for id in ids {
                    let member = entry(PrincipalRef::new(kind, id.clone()), || {
                        format!("the {kind} {} of group {name}", start_of(id))
                    })?;
                    members.insert(member);
                }
            }
            groups.insert(
                name.clone(),
                Group {
                    title: group.title.clone(),
                    members,
                    parents: group.parents.clone(),
                },
            );
        }
        let mut principals = BTreeMap::new();
        for (place, file) in self.principals.iter().enumerate() {
            let name = entry(PrincipalRef::new(file.kind, file.id.clone()), || {
                format!("principals[{place}], {} {},", file.kind, start_of(&file.id))
            })?;
            if file.kind != PrincipalKind::Person && !file.sign_ins.is_empty() {
                return Err(DirectoryFileError::SignIn(name.to_string()));
            }
            check_numbers(&name, &file.attributes)?;
            let uid = known(&name).unwrap_or_else(|| PrincipalUid::from_uuid(fresh()));
            let principal = Principal {
                uid,
                display_name: file.display_name.clone(),
                team: file.team.clone(),
                attributes: file.attributes.clone(),
            };
            if principals.insert(name.clone(), principal).is_some() {
                return Err(DirectoryFileError::Twice(name.to_string()));
            }
        }
        let mut resources = BTreeMap::new();
        for (place, file) in self.resources.iter().enumerate() {
            let name = entry(ResourceRef::new(file.kind.clone(), file.id.clone()), || {
                format!(
                    "resources[{place}], {} {},",
                    start_of(&file.kind),
                    start_of(&file.id)
                )
            })?;
            check_numbers(&name, &file.attributes)?;
            let resource = Resource {
                display_name: file.display_name.clone(),
                team: file.team.clone(),
                labels: file.labels.clone(),
                attributes: file.attributes.clone(),
                parents: file.parents.clone(),
            };
            if resources.insert(name.clone(), resource).is_some() {
                return Err(DirectoryFileError::Twice(name.to_string()));
            }
        }
        Ok(Directory::new(teams, groups, principals, resources)?)
    }

    /// What people call things goes into text columns and onto pages as it is; attributes are JSON, which takes any text.
    fn check_texts(&self) -> Result<(), DirectoryFileError> {
        let teams = self
            .teams
            .iter()
            .map(|(name, team)| (format!("team {name}"), vec![&team.title]));
        let groups = self
            .groups
            .iter()
            .map(|(name, group)| (format!("group {name}"), vec![&group.title]));
        let principals = self.principals.iter().map(|file| {
            let sign_ins = file.sign_ins.iter().flat_map(|found| [&found.iss, &found.sub]);
            let texts = std::iter::once(&file.display_name).chain(sign_ins).collect();
            (format!("{} {}", file.kind, file.id), texts)
        });
        let resources = self.resources.iter().map(|file| {
            let labels = file.labels.iter().flat_map(|(key, value)| [key, value]);
            let texts = std::iter::once(&file.display_name).chain(labels).collect();
            (format!("{} {}", file.kind, file.id), texts)
        });
        teams
            .chain(groups)
            .chain(principals)
            .chain(resources)
            .find(|(_, texts): &(_, Vec<&String>)| !texts.iter().all(|text| is_clean(text)))
            .map_or(Ok(()), |(entry, _)| {
                Err(DirectoryFileError::Text(cleaned(&entry).into_owned()))
            })
    }

    /// All sign-ins: issuer, subject, person.
    pub(super) fn sign_ins(&self) -> impl Iterator<Item = (&str, &str, PersonId)> {
        self.principals
            .iter()
            .filter_map(|file| PersonId::new(file.id.clone()).ok().map(|id| (file, id)))
            .flat_map(|(file, person)| {
                file.sign_ins
                    .iter()
                    .map(move |sign_in| (sign_in.iss.as_str(), sign_in.sub.as_str(), person.clone()))
            })
    }
}

/// The longest part of a wrong entry that an error shows, in characters.
const LONGEST_SHOWN: usize = 60;

/// As much of a text as finds it in the file, in quotes and escaped.
fn start_of(text: &str) -> String {
    let start: String = text.chars().take(LONGEST_SHOWN).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("{start:?}{more}")
}

/// Names the entry where a name in it is not valid.
fn entry<T>(read: Result<T, NameError>, which: impl FnOnce() -> String) -> Result<T, DirectoryFileError> {
    read.map_err(|source| DirectoryFileError::Name {
        entry: which(),
        source,
    })
}

/// Cedar has whole numbers only, and canonical JSON rounds beyond 2^53: such an attribute would be recorded as another
/// than the one that decided.
fn check_numbers(name: &impl ToString, attributes: &Attributes) -> Result<(), DirectoryFileError> {
    fn exact(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Number(number) => number
                .as_i64()
                .is_some_and(|whole| whole.unsigned_abs() <= 1 << 53),
            serde_json::Value::Array(items) => items.iter().all(exact),
            serde_json::Value::Object(members) => members.values().all(exact),
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => true,
        }
    }
    if attributes.values().all(exact) {
        Ok(())
    } else {
        Err(DirectoryFileError::Number(name.to_string()))
    }
}
