//! The demo organisation as it lies in `server/demo`.

use domain::directory::{Attributes, Directory, Group, Principal, Resource, Team};
use domain::id::PrincipalUid;
use domain::name::{GroupName, TeamName};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use policy::{DirectoryView, PolicyVersion};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

#[derive(Deserialize)]
struct DirectoryFile {
    teams: BTreeMap<TeamName, Team>,
    groups: BTreeMap<GroupName, GroupEntry>,
    principals: Vec<PrincipalEntry>,
    resources: Vec<ResourceEntry>,
}

#[derive(Deserialize)]
struct GroupEntry {
    title: String,
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    workloads: Vec<String>,
    #[serde(default)]
    parents: BTreeSet<GroupName>,
}

#[derive(Deserialize)]
struct PrincipalEntry {
    kind: PrincipalKind,
    id: String,
    display_name: String,
    team: TeamName,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Deserialize)]
struct ResourceEntry {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    display_name: String,
    team: TeamName,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    parents: BTreeSet<ResourceRef>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/demo")
}

/// The policy's files.
pub(crate) fn files() -> BTreeMap<String, String> {
    fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = folder().join("policy");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    files
}

/// The directory.
pub(crate) fn directory() -> Directory {
    let text = std::fs::read_to_string(folder().join("directory.toml")).unwrap();
    let file: DirectoryFile = toml::from_str(&text).unwrap();
    let of = |kind, ids: Vec<String>| {
        ids.into_iter()
            .map(move |id| PrincipalRef::new(kind, id).unwrap())
    };
    let groups = file
        .groups
        .into_iter()
        .map(|(name, entry)| {
            let members = of(PrincipalKind::Person, entry.members)
                .chain(of(PrincipalKind::Workload, entry.workloads))
                .collect();
            (
                name,
                Group {
                    title: entry.title,
                    members,
                    parents: entry.parents,
                },
            )
        })
        .collect();
    let principals = file
        .principals
        .into_iter()
        .zip(1u128..)
        .map(|(entry, number)| {
            let principal = Principal {
                uid: PrincipalUid::from_uuid(Uuid::from_u128(number)),
                display_name: entry.display_name,
                team: entry.team,
                attributes: entry.attributes,
            };
            (PrincipalRef::new(entry.kind, entry.id).unwrap(), principal)
        })
        .collect();
    let resources = file
        .resources
        .into_iter()
        .map(|entry| {
            let resource = Resource {
                display_name: entry.display_name,
                team: entry.team,
                labels: entry.labels,
                attributes: entry.attributes,
                parents: entry.parents,
            };
            (ResourceRef::new(entry.kind, entry.id).unwrap(), resource)
        })
        .collect();
    Directory::new(file.teams, groups, principals, resources).unwrap()
}

/// Policy and directory, loaded once.
pub(crate) static DEMO: LazyLock<(Arc<PolicyVersion>, Arc<DirectoryView>)> = LazyLock::new(|| {
    let policy = PolicyVersion::load(&files()).unwrap_or_else(|errors| panic!("{:#?}", errors.problems()));
    let view = DirectoryView::new(&policy, Arc::new(directory()))
        .unwrap_or_else(|problems| panic!("{:#?}", problems.problems()));
    (Arc::new(policy), Arc::new(view))
});
