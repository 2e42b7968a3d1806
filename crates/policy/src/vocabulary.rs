//! The schema: what there is to talk about, and whether it is what evaluation brings along.

use crate::version::Problem;
use crate::version::rules::in_full;
use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, Schema};
use cedar_policy_core::ast;
use cedar_policy_core::validator::types::{Attributes, Type};
use domain::principal::PrincipalKind;
use domain::rule::Question;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The schema, with the names that evaluation needs at hand.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    schema: Schema,
    person: EntityTypeName,
    workload: EntityTypeName,
    agent: EntityTypeName,
    group: EntityTypeName,
    team: EntityTypeName,
    resources: BTreeMap<String, EntityTypeName>,
    questions: [Asked; 3],
    asserted: Attributes,
}

#[derive(Debug)]
struct Asked {
    action: EntityUid,
    groups: BTreeSet<String>,
    principals: BTreeSet<String>,
    resources: BTreeSet<String>,
}

const RESERVED: [&str; 5] = ["Person", "Workload", "Agent", "Group", "Team"];

fn type_name(text: &str) -> Option<EntityTypeName> {
    text.parse().ok()
}

/// `SearchIndex` → `search_index`.
fn resource_type(cedar: &str) -> String {
    let mut kind = String::new();
    for (place, letter) in cedar.chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            kind.push('_');
        }
        kind.push(letter.to_ascii_lowercase());
    }
    kind
}

/// The context of a question, with the tier for `grant` and `automate` and without for `classify`; `asserted` is a record.
/// Made of values from the start: Cedar's way through expressions costs as much as a few rules.
pub(crate) fn context(
    capability: &str,
    tier: Option<&str>,
    weekday: &str,
    hour_utc: i64,
    asserted: ast::Value,
) -> ast::Context {
    let values = [
        ("capability", capability.into()),
        ("weekday", weekday.into()),
        ("hour_utc", hour_utc.into()),
        ("asserted", asserted),
    ];
    let values = values.into_iter().chain(tier.map(|tier| ("tier", tier.into())));
    ast::Context::Value(Arc::new(
        values.map(|(name, value)| (name.into(), value)).collect(),
    ))
}

impl Vocabulary {
    /// Parses and checks the schema; none where something is wrong, which is then in `problems`.
    pub(crate) fn parse(text: &str, file: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let before = problems.len();
        let mut problem = |message: String| problems.push(Problem::new(file, None, message));
        let schema = match Schema::from_cedarschema_str(text) {
            Ok((schema, warnings)) => {
                warnings.for_each(|warning| problem(warning.to_string()));
                schema
            }
            Err(error) => {
                problem(in_full(&error));
                return None;
            }
        };
        let mut resources = BTreeMap::new();
        let declared: BTreeMap<String, &EntityTypeName> = schema
            .entity_types()
            .map(|name| (name.to_string(), name))
            .collect();
        for required in RESERVED {
            if !declared.contains_key(required) {
                problem(format!("the schema must declare `entity {required}`"));
            }
        }
        for (text, name) in declared
            .iter()
            .filter(|(text, _)| !RESERVED.contains(&text.as_str()))
        {
            if name.namespace_components().next().is_some() {
                problem(format!("`{text}`: entity types have no namespace here"));
            } else if let Some(other) = resources.insert(resource_type(text), (*name).clone()) {
                problem(format!("`{text}` and `{other}` are the same resource type"));
            }
        }
        let questions = Question::ALL.map(|question| asked(&schema, question, &mut problem));
        let asserted = asserted(&schema, &mut problem);
        if problems.len() > before {
            return None;
        }
        let [classify, grant, automate] = questions;
        Some(Self {
            person: type_name("Person")?,
            workload: type_name("Workload")?,
            agent: type_name("Agent")?,
            group: type_name("Group")?,
            team: type_name("Team")?,
            resources,
            questions: [classify?, grant?, automate?],
            asserted: asserted?,
            schema,
        })
    }

    pub(crate) const fn schema(&self) -> &Schema {
        &self.schema
    }

    fn asked(&self, question: Question) -> &Asked {
        let [classify, grant, automate] = &self.questions;
        match question {
            Question::Classify => classify,
            Question::Grant => grant,
            Question::Automate => automate,
        }
    }

    /// The Cedar action of a question.
    pub(crate) fn action(&self, question: Question) -> &EntityUid {
        &self.asked(question).action
    }

    /// The action groups that a question's action is in, as Cedar writes them.
    pub(crate) fn action_groups(&self, question: Question) -> &BTreeSet<String> {
        &self.asked(question).groups
    }

    /// For each question, whether the schema lets it be asked of principals of this type.
    pub(crate) fn asked_of_principal(&self, kind: &EntityTypeName) -> [bool; 3] {
        let kind = kind.to_string();
        Question::ALL.map(|question| self.asked(question).principals.contains(&kind))
    }

    /// For each question, whether the schema lets it be asked about resources of this type.
    pub(crate) fn asked_about_resource(&self, kind: &EntityTypeName) -> [bool; 3] {
        let kind = kind.to_string();
        Question::ALL.map(|question| self.asked(question).resources.contains(&kind))
    }

    pub(crate) fn resource_types(&self) -> impl Iterator<Item = &str> {
        self.resources.keys().map(String::as_str)
    }

    pub(crate) fn resource_type(&self, kind: &str) -> Option<&EntityTypeName> {
        self.resources.get(kind)
    }

    pub(crate) const fn principal_type(&self, kind: PrincipalKind) -> &EntityTypeName {
        match kind {
            PrincipalKind::Person => &self.person,
            PrincipalKind::Workload => &self.workload,
            PrincipalKind::Agent => &self.agent,
        }
    }

    pub(crate) const fn group_type(&self) -> &EntityTypeName {
        &self.group
    }

    pub(crate) const fn team_type(&self) -> &EntityTypeName {
        &self.team
    }

    /// What things of a type are called here: `group`, `team`, `person`, `search_index`; none where the schema has no such type.
    pub(crate) fn kind_of(&self, kind: &EntityTypeName) -> Option<&str> {
        self.kind_called(&kind.to_string())
    }

    /// The same of a type as Cedar spells it.
    pub(crate) fn kind_called(&self, cedar: &str) -> Option<&str> {
        match cedar {
            "Group" => Some("group"),
            "Team" => Some("team"),
            _ => PrincipalKind::ALL
                .into_iter()
                .find(|kind| self.principal_type(*kind).to_string() == cedar)
                .map(PrincipalKind::as_str)
                .or_else(|| {
                    let spelled = resource_type(cedar);
                    self.resources
                        .get_key_value(&spelled)
                        .map(|(kind, _)| kind.as_str())
                }),
        }
    }

    pub(crate) fn group(&self, name: &str) -> EntityUid {
        uid(&self.group, name)
    }

    pub(crate) fn team(&self, name: &str) -> EntityUid {
        uid(&self.team, name)
    }

    /// The attributes that entities of a type have.
    pub(crate) fn attributes(&self, kind: &EntityTypeName) -> Option<&Attributes> {
        self.schema
            .as_ref()
            .get_entity_type(kind.as_ref())
            .map(|found| found.attributes())
    }

    /// The type of tags that entities of a type have.
    pub(crate) fn tags(&self, kind: &EntityTypeName) -> Option<&Type> {
        self.schema.as_ref().get_entity_type(kind.as_ref())?.tag_type()
    }

    /// Whether the schema lets entities of the type `child` be in those of the type of `parent`.
    pub(crate) fn may_be_in(&self, child: &EntityTypeName, parent: &EntityUid) -> bool {
        self.schema
            .as_ref()
            .get_entity_type(parent.type_name().as_ref())
            .is_some_and(|found| found.has_descendant_entity_type(child.as_ref()))
    }

    /// What clients may assert.
    pub(crate) const fn asserted(&self) -> &Attributes {
        &self.asserted
    }
}

/// The entity of a type with an id.
pub(crate) fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn asked(schema: &Schema, question: Question, problem: &mut impl FnMut(String)) -> Option<Asked> {
    let name = question.as_str();
    let action = uid(&type_name("Action")?, name);
    let (principals, resources) = match (
        schema.principals_for_action(&action),
        schema.resources_for_action(&action),
    ) {
        (Some(principals), Some(resources)) => (
            principals.map(ToString::to_string).collect(),
            resources.map(ToString::to_string).collect(),
        ),
        _ => {
            problem(format!("the schema must declare `action {name}`"));
            return None;
        }
    };
    // An empty record for `asserted`: it fits exactly if everything in it is optional.
    let empty = ast::Value::empty_record(None);
    let (tier, declared) = match question {
        Question::Classify => (None, ""),
        Question::Grant | Question::Automate => (Some("low"), "tier: String, "),
    };
    let sample = Context::from(context("read", tier, "monday", 0, empty));
    if let Err(error) = sample.validate(schema, &action) {
        problem(format!(
            "action {name} needs the context {{ capability: String, {declared}weekday: String, hour_utc: Long, \
             asserted: {{…}} }} with everything in `asserted` optional: {}",
            in_full(&error)
        ));
    }
    let groups = schema
        .action_entities()
        .map(|entities| {
            entities
                .ancestors(&action)
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect()
        })
        .unwrap_or_default();
    Some(Asked {
        action,
        groups,
        principals,
        resources,
    })
}

/// What `context.asserted` declares. It has to be the same for all three actions, since one record serves them all: a key
/// that only `automate` declared would never reach the `forbid` that reads it.
fn asserted(schema: &Schema, problem: &mut impl FnMut(String)) -> Option<Attributes> {
    let [classify, grant, automate] = Question::ALL.map(|question| asserted_of(schema, question));
    if classify != grant || grant != automate {
        problem("classify, grant and automate must declare the same `asserted`".to_owned());
    }
    grant
}

fn asserted_of(schema: &Schema, question: Question) -> Option<Attributes> {
    let action = uid(&type_name("Action")?, question.as_str());
    let Type::Record { attrs, .. } = schema.as_ref().context_type(action.as_ref())? else {
        return None;
    };
    match attrs.get_attr("asserted")?.attr_type.as_ref() {
        Type::Record { attrs, .. } => Some(attrs.clone()),
        _ => None,
    }
}
