//! Building the entities: types before instances, and every problem named.

use super::{DirectoryProblem, DirectoryProblems, DirectoryView};
use crate::convert::{self, ConvertError};
use crate::version::PolicyVersion;
use crate::version::rules::in_full;
use crate::vocabulary::{Vocabulary, uid};
use cedar_policy::{Entities, Entity, EntityTypeName, EntityUid, RestrictedExpression};
use domain::directory::{Attributes, Directory};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What becomes one entity.
struct Draft<'a> {
    kind: &'a EntityTypeName,
    uid: EntityUid,
    team: Option<&'a str>,
    attributes: &'a Attributes,
    labels: Option<&'a BTreeMap<String, String>>,
    parents: HashSet<EntityUid>,
}

impl Draft<'_> {
    /// The entity, and what its attributes name.
    fn entity(self, vocabulary: &Vocabulary) -> Result<(Entity, Vec<EntityUid>), String> {
        if let Some(parent) = self
            .parents
            .iter()
            .find(|parent| !vocabulary.may_be_in(self.kind, parent))
        {
            return Err(format!("the schema does not let a {} be in {parent}", self.kind));
        }
        let mut refs = Vec::new();
        let team = self.team.map(|team| json!({ "type": "Team", "id": team }));
        let value = |name: &str| match self.attributes.get(name) {
            Some(value) => Some(value),
            None if name == "team" => team.as_ref(),
            None => None,
        };
        let attributes = match vocabulary.attributes(self.kind) {
            Some(declared) => {
                convert::members(value, declared, &mut refs).map_err(|error| error.to_string())?
            }
            None => Vec::new(),
        };
        let tags = match (self.labels, vocabulary.tags(self.kind)) {
            (Some(labels), Some(declared)) => labels
                .iter()
                .map(|(key, label)| {
                    let label = Value::String(label.clone());
                    Ok((key.clone(), convert::convert(key, &label, declared, &mut refs)?))
                })
                .collect::<Result<Vec<(String, RestrictedExpression)>, ConvertError>>()
                .map_err(|error| error.to_string())?,
            _ => Vec::new(),
        };
        let mut parents = self.parents;
        if let Some(team) = self.team.map(|team| vocabulary.team(team))
            && vocabulary.may_be_in(self.kind, &team)
        {
            parents.insert(team);
        }
        Entity::new_with_tags(self.uid, attributes, parents, tags)
            .map(|entity| (entity, refs))
            .map_err(|error| in_full(&error))
    }
}

/// The resources that the schema knows, and those left out.
fn known_resources<'a>(
    vocabulary: &Vocabulary,
    directory: &'a Directory,
) -> (Vec<&'a ResourceRef>, Vec<ResourceRef>) {
    let known = |resource: &ResourceRef| vocabulary.resource_type(&resource.kind).is_some();
    let (inside, outside): (Vec<_>, Vec<_>) = directory.resources.keys().partition(|resource| {
        known(resource)
            && directory
                .resource_ancestors(resource)
                .is_none_or(|above| above.iter().all(known))
    });
    (inside, outside.into_iter().cloned().collect())
}

/// Builds the entities of a directory one by one, and keeps what is wrong with them.
struct Building<'a> {
    vocabulary: &'a Vocabulary,
    entities: Vec<Entity>,
    refs: HashMap<EntityUid, Vec<EntityUid>>,
    problems: Vec<DirectoryProblem>,
}

impl Building<'_> {
    fn add(&mut self, what: String, draft: Draft<'_>) {
        let uid = draft.uid.clone();
        match draft.entity(self.vocabulary) {
            Ok((entity, named)) => {
                if !named.is_empty() {
                    self.refs.insert(uid, named);
                }
                self.entities.push(entity);
            }
            Err(message) => self.problems.push(DirectoryProblem { what, message }),
        }
    }

    /// Teams and groups: entities without attributes.
    fn teams_and_groups(&mut self, directory: &Directory) {
        let vocabulary = self.vocabulary;
        let none = Attributes::new();
        let bare = |uid: EntityUid, kind, parents| Draft {
            kind,
            uid,
            team: None,
            attributes: &none,
            labels: None,
            parents,
        };
        for name in directory.teams.keys() {
            let uid = vocabulary.team(name.as_str());
            self.add(
                format!("team {name}"),
                bare(uid, vocabulary.team_type(), HashSet::new()),
            );
        }
        for (name, group) in &directory.groups {
            let uid = vocabulary.group(name.as_str());
            let parents = group
                .parents
                .iter()
                .map(|parent| vocabulary.group(parent.as_str()))
                .collect();
            self.add(
                format!("group {name}"),
                bare(uid, vocabulary.group_type(), parents),
            );
        }
    }

    fn principals(&mut self, directory: &Directory) {
        let vocabulary = self.vocabulary;
        let mut groups_of: HashMap<&PrincipalRef, HashSet<EntityUid>> = HashMap::new();
        for (name, group) in &directory.groups {
            for member in &group.members {
                groups_of
                    .entry(member)
                    .or_default()
                    .insert(vocabulary.group(name.as_str()));
            }
        }
        for (name, principal) in &directory.principals {
            let kind = vocabulary.principal_type(name.kind);
            let draft = Draft {
                kind,
                uid: uid(kind, &name.id),
                team: Some(principal.team.as_str()),
                attributes: &principal.attributes,
                labels: None,
                parents: groups_of.remove(name).unwrap_or_default(),
            };
            self.add(name.to_string(), draft);
        }
    }

    fn resources(&mut self, directory: &Directory, known: &[&ResourceRef]) {
        let vocabulary = self.vocabulary;
        for name in known {
            let (Some(kind), Some(resource)) = (
                vocabulary.resource_type(&name.kind),
                directory.resources.get(*name),
            ) else {
                continue;
            };
            let parent = |parent: &ResourceRef| {
                vocabulary
                    .resource_type(&parent.kind)
                    .map(|kind| uid(kind, &parent.id))
            };
            let draft = Draft {
                kind,
                uid: uid(kind, &name.id),
                team: Some(resource.team.as_str()),
                attributes: &resource.attributes,
                labels: Some(&resource.labels),
                parents: resource.parents.iter().filter_map(parent).collect(),
            };
            self.add(name.to_string(), draft);
        }
    }
}

pub(super) fn build(
    policy: &PolicyVersion,
    directory: Arc<Directory>,
) -> Result<DirectoryView, DirectoryProblems> {
    let vocabulary = &policy.vocabulary;
    let (known, left_out) = known_resources(vocabulary, &directory);
    let mut building = Building {
        vocabulary,
        entities: Vec::new(),
        refs: HashMap::new(),
        problems: Vec::new(),
    };
    building.teams_and_groups(&directory);
    building.principals(&directory);
    building.resources(&directory, &known);
    let Building {
        entities,
        refs,
        mut problems,
        ..
    } = building;
    if !problems.is_empty() {
        problems.sort();
        return Err(DirectoryProblems(problems));
    }
    let entities = Entities::from_entities(entities, Some(vocabulary.schema())).map_err(|error| {
        DirectoryProblems(vec![DirectoryProblem {
            what: "directory".to_owned(),
            message: in_full(&error),
        }])
    })?;
    let mut view = DirectoryView {
        policy: policy.digest(),
        principals: HashMap::new(),
        resources: HashMap::new(),
        refs,
        left_out,
        entities,
        directory: Arc::clone(&directory),
    };
    for name in directory.principals.keys() {
        if let Some(facts) = directory.principal_facts(name) {
            view.add_principal(policy, name, facts);
        }
    }
    for name in known {
        if let (Some(facts), Some(kind)) = (
            directory.resource_facts(name),
            vocabulary.resource_type(&name.kind),
        ) {
            view.add_resource(policy, name, facts, kind);
        }
    }
    Ok(view)
}
