//! The directory as Cedar sees it: one immutable store of entities per directory and policy version, validated once,
//! shared by all evaluations, and beside it what scopes need to know, so that no evaluation builds either.

mod entities;
mod known;
mod roles;

use crate::index::Slots;
use crate::version::{Named, PolicyVersion};
use cedar_policy::{Entities, EntityUid};
use domain::digest::Digest;
use domain::directory::Directory;
use domain::principal::{PrincipalFacts, PrincipalRef};
use domain::resource::{ResourceFacts, ResourceRef};
use domain::rule::Question;
use domain::scope::{PrincipalSelector, ResourceSelector};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One thing in the directory that the policy's schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectoryProblem {
    /// The principal or resource: `person alice.meyer`.
    pub what: String,
    /// What is wrong.
    pub message: String,
}

/// Everything in the directory that the policy's schema does not allow, sorted; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the directory does not fit the policy's schema in {} places, the first: {}",
    .0.len(),
    .0.first().map(|problem| format!("{}: {}", problem.what, problem.message)).unwrap_or_default()
)]
pub struct DirectoryProblems(Vec<DirectoryProblem>);

impl DirectoryProblems {
    /// The problems, sorted.
    pub fn problems(&self) -> &[DirectoryProblem] {
        &self.0
    }
}

/// A directory seen through a policy version's schema and index.
#[derive(Debug)]
pub struct DirectoryView {
    directory: Arc<Directory>,
    policy: Digest,
    principals: HashMap<PrincipalRef, KnownPrincipal>,
    resources: HashMap<ResourceRef, KnownResource>,
    pub(crate) entities: Entities,
    /// What the attributes of an entity name, where they name any.
    refs: HashMap<EntityUid, Vec<EntityUid>>,
    left_out: Vec<ResourceRef>,
}

/// A principal with everything that evaluation asks about it.
#[derive(Debug)]
pub(crate) struct KnownPrincipal {
    pub(crate) uid: EntityUid,
    pub(crate) facts: PrincipalFacts,
    pub(crate) slots: Slots,
    pub(crate) selectors: Vec<PrincipalSelector>,
    pub(crate) asked: [bool; 3],
}

/// A resource with everything that evaluation asks about it.
#[derive(Debug)]
pub(crate) struct KnownResource {
    pub(crate) uid: EntityUid,
    pub(crate) facts: ResourceFacts,
    pub(crate) slots: Slots,
    pub(crate) selectors: Vec<ResourceSelector>,
    pub(crate) asked: [bool; 3],
}

impl DirectoryView {
    /// Builds the entities and validates them against the policy's schema.
    ///
    /// A resource of a type that the schema does not declare, or that is part of such a one, is left out: it is unknown
    /// to decisions, which therefore deny. Errors: an attribute is missing or of the wrong type, or something is in a
    /// group, role or resource that the schema does not let it be in; dropping that would drop what forbids by it.
    pub fn new(policy: &PolicyVersion, directory: Arc<Directory>) -> Result<Self, DirectoryProblems> {
        entities::build(policy, directory)
    }

    /// The directory.
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The policy version that it was built for.
    pub const fn policy_digest(&self) -> Digest {
        self.policy
    }

    /// The resources that decisions do not know, because the schema does not declare their type.
    pub fn left_out(&self) -> &[ResourceRef] {
        &self.left_out
    }

    /// The groups, teams and resources that attributes name and that the directory does not have, each with whose attribute
    /// names it first. Persons, workloads and agents are not among them: they come and go.
    pub fn unknown_in_attributes(&self, policy: &PolicyVersion) -> BTreeMap<Named, String> {
        let mut unknown = BTreeMap::new();
        for (whose, named) in &self.refs {
            for name in named
                .iter()
                .filter_map(|uid| Named::entity(&policy.vocabulary, uid))
                .filter(|name| !name.is_principal() && !name.is_in(&self.directory))
            {
                let whose = Named::entity(&policy.vocabulary, whose).map(|whose| whose.to_string());
                let place: &mut String = unknown.entry(name).or_default();
                // The least, so that it is the same each time.
                if let Some(whose) = whose.filter(|whose| place.is_empty() || *whose < *place) {
                    *place = whose;
                }
            }
        }
        unknown
    }

    /// What scopes know of a principal.
    pub fn principal_facts(&self, principal: &PrincipalRef) -> Option<&PrincipalFacts> {
        self.principals.get(principal).map(|known| &known.facts)
    }

    /// What scopes know of a resource.
    pub fn resource_facts(&self, resource: &ResourceRef) -> Option<&ResourceFacts> {
        self.resources.get(resource).map(|known| &known.facts)
    }

    /// What scopes know of all principals, for [`domain::scope::Coverage::of`].
    pub fn all_principal_facts(&self) -> impl Iterator<Item = &PrincipalFacts> {
        self.principals.values().map(|known| &known.facts)
    }

    /// What scopes know of all resources, for [`domain::scope::Coverage::of`].
    pub fn all_resource_facts(&self) -> impl Iterator<Item = &ResourceFacts> {
        self.resources.values().map(|known| &known.facts)
    }

    pub(crate) fn known_principals(&self) -> impl Iterator<Item = &KnownPrincipal> {
        self.principals.values()
    }

    pub(crate) fn known_resources(&self) -> impl Iterator<Item = &KnownResource> {
        self.resources.values()
    }

    pub(crate) fn principal(&self, principal: &PrincipalRef) -> Option<&KnownPrincipal> {
        self.principals.get(principal)
    }

    pub(crate) fn resource(&self, resource: &ResourceRef) -> Option<&KnownResource> {
        self.resources.get(resource)
    }
}

const fn asks([classify, grant, automate]: [bool; 3], question: Question) -> bool {
    match question {
        Question::Classify => classify,
        Question::Grant => grant,
        Question::Automate => automate,
    }
}

impl KnownPrincipal {
    /// Whether the schema lets this question be asked of it.
    pub(crate) const fn asks(&self, question: Question) -> bool {
        asks(self.asked, question)
    }
}

impl KnownResource {
    /// Whether the schema lets this question be asked about it.
    pub(crate) const fn asks(&self, question: Question) -> bool {
        asks(self.asked, question)
    }
}
