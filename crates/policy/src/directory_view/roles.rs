//! Temporary roles: a small store for one request, in which the principal is in the roles it was granted.
//!
//! The shared store is never cloned (0.6 ms at 10,000 entities). The small one holds whatever a rule can reach from the
//! request: ancestors, what attributes name, and the entities that rules name themselves.

use super::{DirectoryView, KnownPrincipal, KnownResource};
use crate::index::Slots;
use crate::version::PolicyVersion;
use crate::version::rules::in_full;
use cedar_policy::{Entities, Entity, EntityUid};
use std::collections::HashSet;

impl DirectoryView {
    /// The entities around one request, and the principal's terms, with the roles as parents. A role that the schema
    /// lets no principal of this type be in is no parent. Errors only if Cedar refuses the store.
    pub(crate) fn with_roles(
        &self,
        policy: &PolicyVersion,
        principal: &KnownPrincipal,
        resource: &KnownResource,
        roles: &[&KnownResource],
    ) -> Result<(Entities, Slots), String> {
        let kind = principal.uid.type_name();
        let roles: Vec<&EntityUid> = roles
            .iter()
            .map(|role| &role.uid)
            .filter(|role| policy.vocabulary.may_be_in(kind, role))
            .collect();
        let begin = [&principal.uid, &resource.uid]
            .into_iter()
            .chain(roles.iter().copied());
        let reached = self.reachable(begin.chain(policy.index.literals()));
        let mut entities = Vec::with_capacity(reached.len());
        for entity in reached.iter().filter_map(|uid| self.entities.get(uid)) {
            if entity.uid() == principal.uid {
                let (uid, attributes, mut parents) = entity.clone().into_inner();
                parents.extend(roles.iter().map(|role| (*role).clone()));
                entities.push(Entity::new(uid, attributes, parents).map_err(|error| in_full(&error))?);
            } else {
                entities.push(entity.clone());
            }
        }
        let store = Entities::from_entities(entities, None).map_err(|error| in_full(&error))?;
        let slots = policy.index.principal_slots(
            &principal.uid,
            store.ancestors(&principal.uid).into_iter().flatten(),
        );
        Ok((store, slots))
    }

    fn reachable<'a>(&'a self, begin: impl Iterator<Item = &'a EntityUid>) -> HashSet<&'a EntityUid> {
        let mut found = HashSet::new();
        let mut open: Vec<&EntityUid> = begin.collect();
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend(self.entities.ancestors(next).into_iter().flatten());
                open.extend(self.refs.get(next).into_iter().flatten());
            }
        }
        found
    }
}
