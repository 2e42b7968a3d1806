//! Opt-outs by what they cover, so that an evaluation looks at those that may reach its input and at no others.
//!
//! A bypass reaches what was covered **and** is, so it stands under each resource it covered at approval. A `to_manual`
//! reaches what was **or** is, so it stands under every selector of one bounded dimension and under everything that
//! dimension covered at approval. What bounds nothing stands everywhere.

use super::HeldOptOut;
use crate::directory_view::{KnownPrincipal, KnownResource};
use domain::id::OptOutId;
use domain::opt_out::Direction;
use domain::scope::{PrincipalSelector, ResourceSelector};
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(crate) struct OptOutIndex {
    all: Vec<HeldOptOut>,
    by_principal: HashMap<PrincipalSelector, Vec<usize>>,
    by_resource: HashMap<ResourceSelector, Vec<usize>>,
    everywhere: Vec<usize>,
}

impl OptOutIndex {
    pub(crate) fn build(mut all: Vec<HeldOptOut>) -> Self {
        all.sort_by_key(|held| (held.opt_out.id, std::cmp::Reverse(held.opt_out.revision)));
        // One revision stands: the newest.
        all.dedup_by_key(|held| held.opt_out.id);
        let mut index = Self::default();
        for (place, held) in all.iter().enumerate() {
            index.file(place, held);
        }
        index.all = all;
        index
    }

    fn file(&mut self, place: usize, held: &HeldOptOut) {
        let (scope, coverage) = (&held.opt_out.scope, &held.opt_out.coverage);
        match (held.opt_out.direction, &scope.principals, &scope.resources) {
            (Direction::Bypass, _, Some(_)) => {
                let then = coverage.resources.iter().flatten().cloned();
                self.under_resources(place, then.map(ResourceSelector::Id));
            }
            (Direction::ToManual, Some(selectors), _) => {
                let then = coverage.principals.iter().flatten().cloned();
                let keys = selectors.iter().cloned().chain(then.map(PrincipalSelector::Id));
                self.under_principals(place, keys);
            }
            (Direction::ToManual, None, Some(selectors)) => {
                let then = coverage.resources.iter().flatten().cloned();
                let keys = selectors.iter().cloned().chain(then.map(ResourceSelector::Id));
                self.under_resources(place, keys);
            }
            (Direction::Bypass | Direction::ToManual, _, None) => self.everywhere.push(place),
        }
    }

    fn under_principals(&mut self, place: usize, keys: impl Iterator<Item = PrincipalSelector>) {
        for key in keys {
            self.by_principal.entry(key).or_default().push(place);
        }
    }

    fn under_resources(&mut self, place: usize, keys: impl Iterator<Item = ResourceSelector>) {
        for key in keys {
            self.by_resource.entry(key).or_default().push(place);
        }
    }

    /// Those that may reach an input, sorted by id.
    pub(crate) fn candidates<'a>(
        &'a self,
        principal: &KnownPrincipal,
        resource: &KnownResource,
    ) -> Vec<&'a HeldOptOut> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let mut places: Vec<usize> = self.everywhere.clone();
        for selector in &principal.selectors {
            places.extend(self.by_principal.get(selector).into_iter().flatten());
        }
        for selector in &resource.selectors {
            places.extend(self.by_resource.get(selector).into_iter().flatten());
        }
        places.sort_unstable();
        places.dedup();
        places
            .into_iter()
            .filter_map(|place| self.all.get(place))
            .collect()
    }

    pub(crate) fn all(&self) -> &[HeldOptOut] {
        &self.all
    }

    pub(crate) fn get(&self, id: OptOutId) -> Option<&HeldOptOut> {
        self.all
            .binary_search_by_key(&id, |held| held.opt_out.id)
            .ok()
            .and_then(|place| self.all.get(place))
    }
}
