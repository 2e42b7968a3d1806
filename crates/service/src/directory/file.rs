//! The directory as a file: what an operator writes, or a script makes from an inventory.

use domain::client::{ResourcePattern, SubjectPattern};
use domain::digest::Digest;
use domain::directory::Attributes;
use domain::incident::IncidentPrefix;
use domain::name::{GroupName, PersonId, TeamName};
use domain::principal::PrincipalKind;
use domain::resource::ResourceRef;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

impl DirectoryFile {
    /// SHA-256 of what the file says of everything but clients, however it is written down.
    pub(crate) fn digest(&self) -> Result<Digest, serde_json::Error> {
        let said = serde_json::to_vec(&(&self.teams, &self.groups, &self.principals, &self.resources))?;
        Ok(Digest::of(&said))
    }

    /// All sign-ins: issuer, subject, person.
    pub(crate) fn sign_ins(&self) -> impl Iterator<Item = (&str, &str, PersonId)> {
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
