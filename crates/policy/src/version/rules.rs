//! The rules: parsed one file at a time, then checked one at a time.

use super::body::Body;
use super::{Problem, annotations, bounds, files};
use crate::index::Term;
use crate::vocabulary::Vocabulary;
use cedar_policy::{ActionConstraint, Policy, PolicyId, PolicySet, PrincipalConstraint, ResourceConstraint};
use domain::digest::Digest;
use domain::name::RuleId;
use domain::rule::{Effect, Exemptible, Question, RuleSummary};
use domain::tier::Tier;
use std::collections::{BTreeMap, BTreeSet};

/// The most rules. Parsing is 34 to 67 µs each.
pub const MOST_RULES: usize = 20_000;
/// A rule that has been parsed, with what the index and the checks need to know.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) summary: RuleSummary,
    pub(crate) file: String,
    /// Its policy id is the rule's `@id`, so that Cedar's answers name rules.
    pub(crate) policy: Policy,
    pub(crate) principal: Term,
    pub(crate) resource: Term,
    pub(crate) body: Body,
}

/// Parses and checks all rules; sorted by id. Errors and lints are appended.
pub(crate) fn parse(
    all: &BTreeMap<String, String>,
    vocabulary: Option<&Vocabulary>,
    tiers: &[Tier],
    problems: &mut Vec<Problem>,
    lints: &mut Vec<Problem>,
) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut seen: BTreeMap<RuleId, String> = BTreeMap::new();
    for (file, text) in all.iter().filter(|(path, _)| files::holds_rules(path)) {
        if let Some((line, message)) = bounds::fault(text) {
            problems.push(Problem::new(file, None, format!("line {line}: {message}")));
            continue;
        }
        let set: PolicySet = match text.parse() {
            Ok(set) => set,
            Err(error) => {
                problems.push(Problem::new(file, None, in_full(&error)));
                continue;
            }
        };
        if set.num_of_templates() > 0 {
            problems.push(Problem::new(
                file,
                None,
                "templates are not rules: fill in the slots",
            ));
        }
        for policy in set.policies() {
            let Some(rule) = one(file, policy, vocabulary, tiers, problems) else {
                continue;
            };
            if let Some(other) = seen.insert(rule.summary.id.clone(), file.clone()) {
                problems.push(Problem::new(
                    file,
                    Some(rule.summary.id.as_str()),
                    format!("another rule in {other} has this `@id` too"),
                ));
                continue;
            }
            if rule.principal == Term::Any && rule.resource == Term::Any {
                lints.push(Problem::new(
                    file,
                    Some(rule.summary.id.as_str()),
                    "its scope names neither principal nor resource, so every evaluation has to ask it",
                ));
            }
            rules.push(rule);
        }
    }
    if rules.len() > MOST_RULES {
        problems.push(Problem::new(
            "rules",
            None,
            format!(
                "there are {} rules; at most {MOST_RULES} are allowed",
                rules.len()
            ),
        ));
    }
    rules.sort_by(|one, two| one.summary.id.cmp(&two.summary.id));
    rules
}

fn one(
    file: &str,
    policy: &Policy,
    vocabulary: Option<&Vocabulary>,
    tiers: &[Tier],
    problems: &mut Vec<Problem>,
) -> Option<Rule> {
    let cedar = policy.to_cedar().unwrap_or_else(|| policy.to_string());
    let Some(id) = annotations::id(policy) else {
        let start: String = cedar.chars().take(60).collect();
        problems.push(Problem::new(
            file,
            None,
            format!("a rule needs an `@id` of letters, digits, `-`, `_` and `.`: {start}"),
        ));
        return None;
    };
    let mut problem = |message: String| problems.push(Problem::new(file, Some(id.as_str()), message));
    let body = match policy.to_json() {
        Ok(json) => Body::of(&json),
        Err(error) => {
            problem(in_full(&error));
            return None;
        }
    };
    let effect = match policy.effect() {
        cedar_policy::Effect::Permit => Effect::Permit,
        cedar_policy::Effect::Forbid => Effect::Forbid,
    };
    let questions = questions(policy, vocabulary);
    if questions.is_empty() {
        problem("its action scope matches none of classify, grant and automate".to_owned());
    }
    let description = annotations::description(policy, &mut problem);
    let exemptible = annotations::exemptible(policy, effect, &questions, &mut problem);
    let carries_over = annotations::carries_over(policy, exemptible, &mut problem);
    let tier = annotations::tier(policy, effect, &questions, tiers, &mut problem);
    annotations::check_trust(policy, effect, &body, &mut problem);
    annotations::check_known(policy, &mut problem);
    Some(Rule {
        file: file.to_owned(),
        policy: policy.new_id(PolicyId::new(id.as_str())),
        principal: principal_term(policy),
        resource: resource_term(policy),
        body,
        summary: RuleSummary {
            id,
            effect,
            questions,
            description,
            tier,
            exemptible,
            body_digest: Digest::of(cedar.as_bytes()),
            carries_over,
            cedar,
        },
    })
}

fn questions(policy: &Policy, vocabulary: Option<&Vocabulary>) -> Vec<Question> {
    let named: BTreeSet<String> = match policy.action_constraint() {
        ActionConstraint::Any => return Question::ALL.to_vec(),
        ActionConstraint::Eq(uid) => BTreeSet::from([uid.to_string()]),
        ActionConstraint::In(uids) => uids.iter().map(ToString::to_string).collect(),
    };
    Question::ALL
        .into_iter()
        .filter(|question| {
            named.contains(&format!("Action::\"{}\"", question.as_str()))
                || vocabulary.is_some_and(|known| {
                    known
                        .action_groups(*question)
                        .iter()
                        .any(|group| named.contains(group))
                })
        })
        .collect()
}

fn principal_term(policy: &Policy) -> Term {
    match policy.principal_constraint() {
        PrincipalConstraint::Any => Term::Any,
        PrincipalConstraint::Is(kind) => Term::Type(kind),
        PrincipalConstraint::Eq(uid) => Term::Is(uid),
        PrincipalConstraint::In(uid) => Term::In(uid),
        PrincipalConstraint::IsIn(kind, uid) => Term::TypeIn(kind, uid),
    }
}

fn resource_term(policy: &Policy) -> Term {
    match policy.resource_constraint() {
        ResourceConstraint::Any => Term::Any,
        ResourceConstraint::Is(kind) => Term::Type(kind),
        ResourceConstraint::Eq(uid) => Term::Is(uid),
        ResourceConstraint::In(uid) => Term::In(uid),
        ResourceConstraint::IsIn(kind, uid) => Term::TypeIn(kind, uid),
    }
}

/// An error with the chain of its causes: Cedar's outermost sentence alone seldom says where.
pub(crate) fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

/// Whether a bypass takes a rule out: one that was approved, one by break-glass, or both. Break-glass is often approved
/// later, by the second person or after a change of the rule, and stays what it is.
pub(crate) fn exempts(exemptible: Exemptible, approved: bool, break_glass: bool) -> bool {
    (approved && exemptible.by_bypass()) || (break_glass && exemptible.by_break_glass())
}
