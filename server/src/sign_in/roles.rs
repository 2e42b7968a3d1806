//! From the provider's groups to roles.

use std::collections::{BTreeMap, BTreeSet};

use domain::role::Role;

/// Which role follows from which group, as configured. A person has every role that any group gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RoleMap(pub BTreeMap<String, Role>);

impl RoleMap {
    /// The roles of somebody in these groups. Group names are compared letter by letter.
    pub fn roles_of(&self, groups: &[String]) -> BTreeSet<Role> {
        groups
            .iter()
            .filter_map(|group| self.0.get(group))
            .copied()
            .collect()
    }
}
