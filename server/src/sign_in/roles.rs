//! From the provider's groups to roles.

use std::collections::{BTreeMap, BTreeSet};

use domain::role::Role;
use serde_json::Value;

/// Which role follows from which group, as configured. A person has every role that any group gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RoleMap(pub BTreeMap<String, Role>);

/// The claim does not hold what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a text or a list of texts")]
pub struct GroupsError;

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

/// The groups in a claim: a list, or the single text that some providers send for one group. A list with anything else
/// in it is refused whole rather than read in part.
pub(super) fn groups_in(claim: &Value) -> Result<Vec<String>, GroupsError> {
    match claim {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(many) => many
            .iter()
            .map(|group| group.as_str().map(str::to_owned).ok_or(GroupsError))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(GroupsError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_come_as_a_list_or_alone() {
        assert_eq!(
            groups_in(&json!(["a", "b"])),
            Ok(vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(groups_in(&json!("a")), Ok(vec!["a".to_owned()]));
        assert_eq!(groups_in(&json!([])), Ok(vec![]));
        for bad in [json!(["a", 1]), json!({"a": true}), json!(null), json!(7)] {
            assert_eq!(groups_in(&bad), Err(GroupsError), "{bad}");
        }
    }
}
