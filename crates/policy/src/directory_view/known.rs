//! What evaluation asks about each principal and resource, worked out once: its terms in the index, and every selector
//! of an opt-out that picks it.

use super::{DirectoryView, KnownPrincipal, KnownResource};
use crate::version::PolicyVersion;
use crate::vocabulary::uid;
use cedar_policy::{EntityTypeName, EntityUid};
use domain::principal::{PrincipalFacts, PrincipalRef};
use domain::resource::{ResourceFacts, ResourceRef};
use domain::scope::{PrincipalSelector, ResourceSelector};

impl DirectoryView {
    /// Everything that the entity is in.
    fn ancestors<'a>(&'a self, uid: &'a EntityUid) -> impl Iterator<Item = &'a EntityUid> {
        self.entities.ancestors(uid).into_iter().flatten()
    }

    pub(super) fn add_principal(
        &mut self,
        policy: &PolicyVersion,
        name: &PrincipalRef,
        facts: PrincipalFacts,
    ) {
        let kind = policy.vocabulary.principal_type(name.kind);
        let uid = uid(kind, &name.id);
        let selectors = [
            PrincipalSelector::Id(name.clone()),
            PrincipalSelector::Team(facts.team.clone()),
            PrincipalSelector::Kind(name.kind),
        ]
        .into_iter()
        .chain(facts.groups.iter().cloned().map(PrincipalSelector::Group))
        .chain(facts.labels.iter().map(|(key, value)| PrincipalSelector::Label {
            key: key.clone(),
            value: value.clone(),
        }))
        .collect();
        let known = KnownPrincipal {
            slots: policy.index.principal_slots(&uid, self.ancestors(&uid)),
            asked: policy.vocabulary.asked_of_principal(kind),
            selectors,
            facts,
            uid,
        };
        self.principals.insert(name.clone(), known);
    }

    pub(super) fn add_resource(
        &mut self,
        policy: &PolicyVersion,
        name: &ResourceRef,
        facts: ResourceFacts,
        kind: &EntityTypeName,
    ) {
        let uid = uid(kind, &name.id);
        let selectors = [
            ResourceSelector::Id(name.clone()),
            ResourceSelector::Team(facts.team.clone()),
            ResourceSelector::Type(name.kind.clone()),
        ]
        .into_iter()
        .chain(facts.ancestors.iter().cloned().map(ResourceSelector::Id))
        .chain(facts.labels.iter().map(|(key, value)| ResourceSelector::Label {
            key: key.clone(),
            value: value.clone(),
        }))
        .collect();
        let known = KnownResource {
            slots: policy.index.resource_slots(&uid, self.ancestors(&uid)),
            asked: policy.vocabulary.asked_about_resource(kind),
            selectors,
            facts,
            uid,
        };
        self.resources.insert(name.clone(), known);
    }
}
