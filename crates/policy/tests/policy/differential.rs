//! The scope index against Cedar's own answer over all rules at once, on entities and requests made another way
//! (from JSON, validated by Cedar): decision, reasons and errors are the same.

use crate::demo::DEMO;
use crate::random;
use crate::support::*;
use cedar_policy::{Authorizer, Context, Decision, Entities, PolicyId, PolicySet, Request, Schema};
use domain::decision::{Input, Matches};
use domain::directory::{Attributes, Directory};
use domain::principal::PrincipalKind;
use domain::rule::Question;
use policy::{DirectoryView, PolicyVersion};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

fn cedar_type(kind: &str) -> String {
    kind.split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

fn uid(kind: &str, id: &str) -> Value {
    json!({ "type": cedar_type(kind), "id": id })
}

/// Those attributes that the demo's schema declares.
fn declared(attributes: &Attributes) -> Value {
    let known = [
        "employment",
        "protected_branch",
        "supervisor",
        "sensitivity",
        "business_critical",
    ];
    attributes
        .iter()
        .filter(|(key, _)| known.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The directory as Cedar's JSON; `role_holder` is in the role.
fn entities(directory: &Directory, schema: &Schema, role_holder: &str) -> Entities {
    let mut list = Vec::new();
    let mut add = |uid: Value, attrs: Value, parents: Vec<Value>, tags: Value| {
        list.push(json!({ "uid": uid, "attrs": attrs, "parents": parents, "tags": tags }));
    };
    for name in directory.teams.keys() {
        add(uid("team", name.as_str()), json!({}), Vec::new(), json!({}));
    }
    for (name, group) in &directory.groups {
        let parents = group
            .parents
            .iter()
            .map(|parent| uid("group", parent.as_str()))
            .collect();
        add(uid("group", name.as_str()), json!({}), parents, json!({}));
    }
    for (name, principal) in &directory.principals {
        let mut attrs = declared(&principal.attributes);
        attrs["team"] = uid("team", principal.team.as_str());
        let mut parents = vec![uid("team", principal.team.as_str())];
        for (group, held) in &directory.groups {
            if held.members.contains(name) {
                parents.push(uid("group", group.as_str()));
            }
        }
        if name.kind == PrincipalKind::Person && name.id == role_holder {
            parents.push(uid("role", "incident-admin"));
        }
        add(uid(name.kind.as_str(), &name.id), attrs, parents, json!({}));
    }
    for (name, resource) in &directory.resources {
        let mut attrs = declared(&resource.attributes);
        attrs["team"] = uid("team", resource.team.as_str());
        let mut parents = vec![uid("team", resource.team.as_str())];
        parents.extend(
            resource
                .parents
                .iter()
                .map(|parent| uid(&parent.kind, &parent.id)),
        );
        add(uid(&name.kind, &name.id), attrs, parents, json!(resource.labels));
    }
    Entities::from_json_value(Value::Array(list), Some(schema)).unwrap()
}

fn request(input: &Input, question: Question, tier: &str, schema: &Schema) -> Request {
    let action = format!("Action::\"{}\"", question.as_str()).parse().unwrap();
    let mut context = json!({
        "capability": input.capability.as_str(),
        "weekday": "tuesday",
        "hour_utc": 10,
        "asserted": input.asserted,
    });
    if question != Question::Classify {
        context["tier"] = tier.into();
    }
    let context = Context::from_json_value(context, Some((schema, &action))).unwrap();
    let entity = |kind: &str, id: &str| format!("{}::\"{id}\"", cedar_type(kind)).parse().unwrap();
    Request::new(
        entity(input.principal.kind.as_str(), &input.principal.id),
        action,
        entity(&input.resource.kind, &input.resource.id),
        context,
        Some(schema),
    )
    .unwrap()
}

/// All rules in one set, under their own names.
fn whole_set(text: &str) -> PolicySet {
    let parsed: PolicySet = text.parse().unwrap();
    let named = parsed
        .policies()
        .map(|policy| policy.new_id(PolicyId::new(policy.annotation("id").unwrap())));
    PolicySet::from_policies(named).unwrap()
}

fn names(matches: &[domain::name::RuleId]) -> BTreeSet<String> {
    matches.iter().map(ToString::to_string).collect()
}

fn same(
    indexed: &Matches,
    request: &Request,
    set: &PolicySet,
    entities: &Entities,
) -> Result<(), TestCaseError> {
    let response = Authorizer::new().is_authorized(request, set, entities);
    let allowed = !indexed.permits.is_empty() && indexed.forbids.is_empty();
    prop_assert_eq!(response.decision() == Decision::Allow, allowed);
    let reasons: BTreeSet<String> = response.diagnostics().reason().map(ToString::to_string).collect();
    let expected = if indexed.forbids.is_empty() {
        &indexed.permits
    } else {
        &indexed.forbids
    };
    prop_assert_eq!(reasons, names(expected));
    let errors: BTreeSet<String> = response
        .diagnostics()
        .errors()
        .map(|error| match error {
            cedar_policy::AuthorizationError::PolicyEvaluationError(error) => error.policy_id().to_string(),
        })
        .collect();
    prop_assert_eq!(
        errors,
        indexed.errors.iter().map(|(rule, _)| rule.to_string()).collect()
    );
    // The satisfied permits that a forbid hides.
    let permits = set
        .policies()
        .filter(|policy| policy.effect() == cedar_policy::Effect::Permit)
        .cloned();
    let response =
        Authorizer::new().is_authorized(request, &PolicySet::from_policies(permits).unwrap(), entities);
    let hidden: BTreeSet<String> = response.diagnostics().reason().map(ToString::to_string).collect();
    prop_assert_eq!(hidden, names(&indexed.permits));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_index_answers_like_the_whole_set(rules in random::rules(), first in 0usize..5) {
        let (_, demo_view) = &*DEMO;
        let directory = demo_view.directory();
        let files = random::files(&rules);
        let policy = PolicyVersion::load(&files)
            .map_err(|errors| TestCaseError::fail(format!("{:#?}", errors.problems())))?;
        let policy = Arc::new(policy);
        let view = Arc::new(DirectoryView::new(&policy, Arc::clone(directory)).unwrap());
        let held = snapshot(&policy, &view, &[], &[random::role_grant(&view, &policy)]);
        let (schema, _) = Schema::from_cedarschema_str(&files["schema.cedarschema"]).unwrap();
        let entities = entities(directory, &schema, "yuki.mori");
        let set = whole_set(&files["rules/random.cedar"]);
        for input in random::inputs().into_iter().skip(first).step_by(5) {
            let found = ask(&held, &input);
            for (question, matches) in &found.matches {
                let request = request(&input, *question, found.tier.as_str(), &schema);
                same(matches, &request, &set, &entities)?;
            }
        }
    }
}
