//! From the provider's groups to roles.

use std::collections::{BTreeMap, BTreeSet};

use domain::role::Role;

/// Which roles follow from which group, as configured. A person has every role that any group gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RoleMap(BTreeMap<String, BTreeSet<Role>>);

impl FromIterator<(String, Role)> for RoleMap {
    fn from_iter<I: IntoIterator<Item = (String, Role)>>(given: I) -> Self {
        let mut roles = Self::default();
        for (group, role) in given {
            roles.0.entry(group).or_default().insert(role);
        }
        roles
    }
}

impl RoleMap {
    /// The roles of somebody in these groups. Group names are compared letter by letter.
    pub fn roles_of(&self, groups: &[String]) -> BTreeSet<Role> {
        groups
            .iter()
            .filter_map(|group| self.0.get(group))
            .flatten()
            .copied()
            .collect()
    }
}
