//! Rules that an opt-out may take out, although nothing would be allowed without them.

use super::Problem;
use super::rules::Rule;
use crate::index::Term;
use cedar_policy::EntityTypeName;
use domain::rule::{Effect, Exemptible, Question};

/// Warns of each `@exemptible` rule where no `permit` of any of its questions could apply to what it forbids: taking it out
/// opens nothing. Conditions are not compared, nor who is in which group: a rule that is warned of never opens anything.
pub(crate) fn lint(rules: &[Rule], lints: &mut Vec<Problem>) {
    for rule in rules
        .iter()
        .filter(|rule| rule.summary.exemptible != Exemptible::No)
    {
        let opens = |question: &Question| {
            rules.iter().any(|other| {
                other.summary.effect == Effect::Permit
                    && other.summary.questions.contains(question)
                    && may_meet(&rule.principal, &other.principal)
                    && may_meet(&rule.resource, &other.resource)
            })
        };
        if !rule.summary.questions.iter().any(opens) {
            let asked: Vec<&str> = rule.summary.questions.iter().map(|one| one.as_str()).collect();
            lints.push(Problem::new(
                &rule.file,
                Some(rule.summary.id.as_str()),
                format!(
                    "it is `@exemptible`, but no `permit` of {} applies to what it forbids: taking it out opens nothing",
                    asked.join(" or ")
                ),
            ));
        }
    }
}

/// Whether one entity can be in both. What is in a group may be of any type.
fn may_meet(one: &Term, other: &Term) -> bool {
    if let (Term::Is(one), Term::Is(other)) = (one, other) {
        return one == other;
    }
    match (type_of(one), type_of(other)) {
        (Some(one), Some(other)) => one == other,
        (None, _) | (_, None) => true,
    }
}

fn type_of(term: &Term) -> Option<&EntityTypeName> {
    match term {
        Term::Any | Term::In(_) => None,
        Term::Type(kind) | Term::TypeIn(kind, _) => Some(kind),
        Term::Is(uid) => Some(uid.type_name()),
    }
}
