//! The scope index: Cedar asks every rule of a set, about 1 µs each; here only those whose scope matches are asked, and
//! only about their conditions.
//!
//! Exact, since each form of scope has a term of its own, and a request finds the terms that match it: a rule is found if
//! and only if Cedar would find its scope satisfied. Scopes cannot fail, and Cedar looks at them before the conditions, so
//! a rule that is not asked could not have failed either. `tests/differential.rs` compares it with the whole set.

use crate::version::rules::Rule;
use cedar_policy::{EntityTypeName, EntityUid};
use cedar_policy_core::ast::Expr;
use domain::name::RuleId;
use domain::rule::{Effect, Question};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// One side of a rule's scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    /// `principal`, `resource`.
    Any,
    /// `is T`.
    Type(EntityTypeName),
    /// `== X`.
    Is(EntityUid),
    /// `in X`: X itself too.
    In(EntityUid),
    /// `is T in X`.
    TypeIn(EntityTypeName, EntityUid),
}

/// A rule, ready to be asked: its conditions as one expression, none where it has only a scope. Cedar's authorizer puts
/// that together anew each time, even where the scope rejects it.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) rule: RuleId,
    pub(crate) condition: Option<Arc<Expr>>,
}

/// The rules of one question that share a scope. Kept apart by effect: both are wanted, where Cedar's own answer hides
/// satisfied permits behind a satisfied forbid.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    pub(crate) permits: Vec<Arc<Ready>>,
    pub(crate) forbids: Vec<Arc<Ready>>,
}

/// One bucket per question, in the order of [`Question::ALL`].
#[derive(Debug, Default)]
pub(crate) struct Buckets([Bucket; 3]);

/// The numbers of the terms that match one principal, or one resource.
pub(crate) type Slots = Vec<u32>;

/// All rules, by scope.
#[derive(Debug, Default)]
pub(crate) struct ScopeIndex {
    principals: HashMap<Term, u32>,
    resources: HashMap<Term, u32>,
    buckets: HashMap<(u32, u32), Buckets>,
    literals: Vec<EntityUid>,
}

impl Buckets {
    pub(crate) const fn of(&self, question: Question) -> &Bucket {
        let [classify, grant, automate] = &self.0;
        match question {
            Question::Classify => classify,
            Question::Grant => grant,
            Question::Automate => automate,
        }
    }

    fn of_mut(&mut self, question: Question) -> &mut Bucket {
        let [classify, grant, automate] = &mut self.0;
        match question {
            Question::Classify => classify,
            Question::Grant => grant,
            Question::Automate => automate,
        }
    }
}

fn number(terms: &mut HashMap<Term, u32>, term: &Term) -> u32 {
    let next = u32::try_from(terms.len()).unwrap_or(u32::MAX);
    *terms.entry(term.clone()).or_insert(next)
}

fn slots<'a>(
    terms: &HashMap<Term, u32>,
    own: &'a EntityUid,
    ancestors: impl Iterator<Item = &'a EntityUid>,
) -> Slots {
    let kind = own.type_name();
    let within = std::iter::once(own).chain(ancestors).flat_map(|entity| {
        [
            Term::In(entity.clone()),
            Term::TypeIn(kind.clone(), entity.clone()),
        ]
    });
    [Term::Any, Term::Type(kind.clone()), Term::Is(own.clone())]
        .into_iter()
        .chain(within)
        .filter_map(|term| terms.get(&term).copied())
        .collect()
}

impl ScopeIndex {
    /// Sorts rules into buckets.
    pub(crate) fn build(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        let mut literals = BTreeSet::new();
        for rule in rules {
            let principal = number(&mut index.principals, &rule.principal);
            let resource = number(&mut index.resources, &rule.resource);
            let buckets = index.buckets.entry((principal, resource)).or_default();
            let ready = Arc::new(Ready {
                rule: rule.summary.id.clone(),
                condition: rule.policy.as_ref().non_scope_constraints_arc().cloned(),
            });
            for question in &rule.summary.questions {
                let bucket = buckets.of_mut(*question);
                match rule.summary.effect {
                    Effect::Permit => bucket.permits.push(Arc::clone(&ready)),
                    Effect::Forbid => bucket.forbids.push(Arc::clone(&ready)),
                }
            }
            literals.extend(rule.body.entities.iter().cloned());
        }
        index.literals = literals
            .into_iter()
            .filter_map(|(kind, id)| {
                let kind: EntityTypeName = kind.parse().ok()?;
                Some(crate::vocabulary::uid(&kind, &id))
            })
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        index
    }

    /// The terms that match a principal with these ancestors.
    pub(crate) fn principal_slots<'a>(
        &self,
        own: &'a EntityUid,
        ancestors: impl Iterator<Item = &'a EntityUid>,
    ) -> Slots {
        slots(&self.principals, own, ancestors)
    }

    /// The terms that match a resource with these ancestors.
    pub(crate) fn resource_slots<'a>(
        &self,
        own: &'a EntityUid,
        ancestors: impl Iterator<Item = &'a EntityUid>,
    ) -> Slots {
        slots(&self.resources, own, ancestors)
    }

    /// The buckets whose scope matches.
    pub(crate) fn buckets<'a>(
        &'a self,
        principal: &'a [u32],
        resource: &'a [u32],
    ) -> impl Iterator<Item = &'a Buckets> {
        principal.iter().flat_map(move |one| {
            resource
                .iter()
                .filter_map(move |two| self.buckets.get(&(*one, *two)))
        })
    }

    /// The entities that conditions name, whose attributes a rule may therefore read.
    pub(crate) fn literals(&self) -> &[EntityUid] {
        &self.literals
    }
}
