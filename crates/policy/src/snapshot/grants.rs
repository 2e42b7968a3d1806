//! Grants by what a decision is matched on, and temporary roles by who holds them.

use domain::digest::Digest;
use domain::grant::Grant;
use domain::principal::PrincipalRef;
use domain::resource::{ROLE_CAPABILITY, ROLE_TYPE};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(crate) struct GrantIndex {
    all: Vec<Arc<Grant>>,
    by_tuple: HashMap<Digest, Vec<Arc<Grant>>>,
    roles: HashMap<PrincipalRef, Vec<Arc<Grant>>>,
}

impl GrantIndex {
    pub(crate) fn build(all: Vec<Arc<Grant>>) -> Self {
        let mut index = Self::default();
        for grant in &all {
            index
                .by_tuple
                .entry(grant.tuple_digest)
                .or_default()
                .push(Arc::clone(grant));
            // Nobody holds a role by a broken glass: it would open more than what was refused.
            if grant.resource.kind == ROLE_TYPE
                && grant.capability.as_str() == ROLE_CAPABILITY
                && !grant.break_glass
            {
                index
                    .roles
                    .entry(grant.principal.clone())
                    .or_default()
                    .push(Arc::clone(grant));
            }
        }
        index.all = all;
        index
    }

    pub(crate) fn all(&self) -> &[Arc<Grant>] {
        &self.all
    }

    /// The grants for this subject, resource, action and binding context.
    pub(crate) fn of_tuple(&self, tuple: &Digest) -> &[Arc<Grant>] {
        self.by_tuple.get(tuple).map_or(&[], Vec::as_slice)
    }

    /// The temporary roles that a principal was ever granted.
    pub(crate) fn roles_of(&self, principal: &PrincipalRef) -> &[Arc<Grant>] {
        self.roles.get(principal).map_or(&[], Vec::as_slice)
    }
}
