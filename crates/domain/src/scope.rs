//! What an opt-out covers: principals × resources × capabilities × rules. AND across, OR inside, absent means any.

use crate::name::{Capability, GroupName, RuleId, TeamName};
use crate::opt_out::Direction;
use crate::principal::{PrincipalFacts, PrincipalKind, PrincipalRef};
use crate::resource::{ResourceFacts, ResourceRef};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Picks principals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PrincipalSelector {
    /// This one.
    Id(PrincipalRef),
    /// Everyone in a group, directly or through another.
    Group(GroupName),
    /// Everyone of a team.
    Team(TeamName),
    /// All of a kind.
    Kind(PrincipalKind),
    /// Those whose attribute of that name is this text.
    Label {
        /// The attribute's name.
        key: String,
        /// Its value.
        value: String,
    },
}

/// Picks resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ResourceSelector {
    /// This one, and whatever is part of it.
    Id(ResourceRef),
    /// Those with a label of this value.
    Label {
        /// The label's key.
        key: String,
        /// The label's value.
        value: String,
    },
    /// Those of a team.
    Team(TeamName),
    /// All of a type.
    Type(String),
}

/// The scope of an opt-out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Who; absent means anybody.
    #[serde(default)]
    pub principals: Option<BTreeSet<PrincipalSelector>>,
    /// On what; absent means anything.
    #[serde(default)]
    pub resources: Option<BTreeSet<ResourceSelector>>,
    /// To do what; absent means whatever.
    #[serde(default)]
    pub capabilities: Option<BTreeSet<Capability>>,
    /// Out of which rules; a bypass names at least one, a `to_manual` none.
    #[serde(default)]
    pub rules: BTreeSet<RuleId>,
}

/// What is wrong with a scope. Each names the field that a form or a problem points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A dimension that is present holds nothing, so it would match nothing.
    #[error("{0} is empty: name something or leave it out")]
    EmptyDimension(&'static str),
    /// A bypass for anybody: everybody would be exempted by it, so that nobody could decide it.
    #[error(
        "name whom it is for, such as a group or all workloads: whoever a bypass exempts cannot decide it"
    )]
    UnboundedPrincipals,
    /// A bypass without resources, or with all of a type only.
    #[error("a bypass must say which resources, by id, label or team")]
    UnboundedResources,
    /// A bypass without rules.
    #[error("a bypass must say which rules")]
    NoRules,
    /// A `to_manual` with rules.
    #[error("an opt-out to manual takes principals or resources out, not rules")]
    RulesOnToManual,
    /// A `to_manual` that bounds nothing.
    #[error("say at least who, or on which resources")]
    Unbounded,
}

impl ScopeError {
    /// The member of the scope that is wrong.
    pub const fn field(self) -> &'static str {
        match self {
            Self::EmptyDimension(field) => field,
            Self::UnboundedResources => "resources",
            Self::NoRules | Self::RulesOnToManual => "rules",
            Self::Unbounded | Self::UnboundedPrincipals => "principals",
        }
    }
}

impl PrincipalSelector {
    /// Whether it picks this principal.
    pub fn matches(&self, facts: &PrincipalFacts) -> bool {
        match self {
            Self::Id(principal) => *principal == facts.principal,
            Self::Group(group) => facts.groups.contains(group),
            Self::Team(team) => *team == facts.team,
            Self::Kind(kind) => *kind == facts.principal.kind,
            Self::Label { key, value } => facts.labels.get(key) == Some(value),
        }
    }
}

impl ResourceSelector {
    /// Whether it picks this resource.
    pub fn matches(&self, facts: &ResourceFacts) -> bool {
        match self {
            Self::Id(resource) => *resource == facts.resource || facts.ancestors.contains(resource),
            Self::Label { key, value } => facts.labels.get(key) == Some(value),
            Self::Team(team) => *team == facts.team,
            Self::Type(kind) => *kind == facts.resource.kind,
        }
    }
}

impl Scope {
    /// Checks the shape for a direction; what it covers is judged elsewhere, against the directory.
    pub fn check(&self, direction: Direction) -> Result<(), ScopeError> {
        if self.principals.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(ScopeError::EmptyDimension("principals"));
        }
        if self.resources.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(ScopeError::EmptyDimension("resources"));
        }
        if self.capabilities.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(ScopeError::EmptyDimension("capabilities"));
        }
        match direction {
            Direction::Bypass => {
                let bounded = self.resources.as_ref().is_some_and(|selectors| {
                    selectors
                        .iter()
                        .all(|selector| !matches!(selector, ResourceSelector::Type(_)))
                });
                if !bounded {
                    return Err(ScopeError::UnboundedResources);
                }
                if self.rules.is_empty() {
                    return Err(ScopeError::NoRules);
                }
                if self.principals.is_none() {
                    return Err(ScopeError::UnboundedPrincipals);
                }
            }
            Direction::ToManual => {
                if !self.rules.is_empty() {
                    return Err(ScopeError::RulesOnToManual);
                }
                if self.principals.is_none() && self.resources.is_none() {
                    return Err(ScopeError::Unbounded);
                }
            }
        }
        Ok(())
    }

    /// Whether the principal dimension picks this principal.
    pub fn matches_principal(&self, facts: &PrincipalFacts) -> bool {
        self.principals
            .as_ref()
            .is_none_or(|selectors| selectors.iter().any(|selector| selector.matches(facts)))
    }

    /// Whether the resource dimension picks this resource.
    pub fn matches_resource(&self, facts: &ResourceFacts) -> bool {
        self.resources
            .as_ref()
            .is_none_or(|selectors| selectors.iter().any(|selector| selector.matches(facts)))
    }

    /// Whether the capability dimension picks this capability.
    pub fn matches_capability(&self, capability: &Capability) -> bool {
        self.capabilities
            .as_ref()
            .is_none_or(|names| names.contains(capability))
    }

    /// Whether `inner` is this scope or a narrower one, judged by its selectors alone: each dimension that is bounded
    /// here is bounded there by a subset. What an approver narrows must satisfy this, so that widening cannot pass.
    pub fn encloses(&self, inner: &Scope) -> bool {
        fn within<T: Ord>(outer: Option<&BTreeSet<T>>, inner: Option<&BTreeSet<T>>) -> bool {
            match (outer, inner) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(outer), Some(inner)) => inner.is_subset(outer),
            }
        }
        within(self.principals.as_ref(), inner.principals.as_ref())
            && within(self.resources.as_ref(), inner.resources.as_ref())
            && within(self.capabilities.as_ref(), inner.capabilities.as_ref())
            && inner.rules.is_subset(&self.rules)
    }
}

/// What a scope covered at the moment of its approval. A dimension that the scope leaves open stays open here; one that
/// the scope bounds and this does not (a row from before the approval) counts as having covered nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The principals, unless any.
    #[serde(default)]
    pub principals: Option<BTreeSet<PrincipalRef>>,
    /// The resources, unless any.
    #[serde(default)]
    pub resources: Option<BTreeSet<ResourceRef>>,
}

impl Coverage {
    /// Takes down what a scope covers in a directory as it stands.
    pub fn of<'a>(
        scope: &Scope,
        principals: impl Iterator<Item = &'a PrincipalFacts>,
        resources: impl Iterator<Item = &'a ResourceFacts>,
    ) -> Self {
        Self {
            principals: scope.principals.as_ref().map(|_| {
                principals
                    .filter(|facts| scope.matches_principal(facts))
                    .map(|facts| facts.principal.clone())
                    .collect()
            }),
            resources: scope.resources.as_ref().map(|_| {
                resources
                    .filter(|facts| scope.matches_resource(facts))
                    .map(|facts| facts.resource.clone())
                    .collect()
            }),
        }
    }

    fn had_principal(&self, scope: &Scope, principal: &PrincipalRef) -> bool {
        match &self.principals {
            Some(set) => set.contains(principal),
            None => scope.principals.is_none(),
        }
    }

    fn had_resource(&self, scope: &Scope, resource: &ResourceRef) -> bool {
        match &self.resources {
            Some(set) => set.contains(resource),
            None => scope.resources.is_none(),
        }
    }

    /// Whether an opt-out that covered this at its approval reaches the principal, as it stands.
    pub fn reaches_principal(&self, direction: Direction, scope: &Scope, principal: &PrincipalFacts) -> bool {
        covers(
            direction,
            self.had_principal(scope, &principal.principal),
            scope.matches_principal(principal),
        )
    }

    /// Whether an opt-out that covered this at its approval reaches the resource, as it stands.
    pub fn reaches_resource(&self, direction: Direction, scope: &Scope, resource: &ResourceFacts) -> bool {
        covers(
            direction,
            self.had_resource(scope, &resource.resource),
            scope.matches_resource(resource),
        )
    }
}

const fn covers(direction: Direction, was: bool, is: bool) -> bool {
    match direction {
        Direction::Bypass => was && is,
        Direction::ToManual => was || is,
    }
}

/// Whether an opt-out's scope reaches this input.
///
/// A `bypass` reaches what was covered at approval **and** is covered now, so that a growing group never widens it;
/// a `to_manual` what was **or** is, so that leaving a group never loosens it. Was and is are judged for principal and
/// resource each: somebody who leaves the group would otherwise escape on every resource that was labelled later.
pub fn reaches(
    direction: Direction,
    scope: &Scope,
    at_approval: &Coverage,
    principal: &PrincipalFacts,
    resource: &ResourceFacts,
    capability: &Capability,
) -> bool {
    if !scope.matches_capability(capability) {
        return false;
    }
    at_approval.reaches_principal(direction, scope, principal)
        && at_approval.reaches_resource(direction, scope, resource)
}
