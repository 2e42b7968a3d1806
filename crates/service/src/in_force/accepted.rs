//! What an operator goes on with knowingly.

use policy::Named;
use std::collections::BTreeSet;

/// How the fields of refusals begin that an operator may accept; what accepts it follows: `accept/group:mentees`.
pub const ACCEPT: &str = "accept/";

/// Names that an operator has read in a refusal and accepts: `mentees` or `group:mentees`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted(BTreeSet<String>);

impl Accepted {
    /// Whether this is accepted, by its id or by kind and id.
    pub fn covers(&self, name: &Named) -> bool {
        self.0.contains(&name.id) || self.0.contains(&spelled(name))
    }
}

impl<T: Into<String>> FromIterator<T> for Accepted {
    fn from_iter<I: IntoIterator<Item = T>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

/// As it is accepted: `group:mentees`.
pub(super) fn spelled(name: &Named) -> String {
    format!("{}:{}", name.kind, name.id)
}
