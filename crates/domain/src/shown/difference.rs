//! What has changed between two looks at the same item.

use super::{Field, Shown};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One field that says something else by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which.
    pub field: Field,
    /// What it said.
    pub before: String,
    /// What it says.
    pub now: String,
}

impl Shown {
    /// What this, which is shown now, says otherwise than what was shown before; in the order of the page.
    pub fn differences(&self, before: &Self) -> Vec<Difference> {
        let words = |shown: &Self, field| match shown.0.get(&field) {
            Some(entry) => entry.words(),
            None => "not said".to_owned(),
        };
        let fields: BTreeSet<Field> = self.0.keys().chain(before.0.keys()).copied().collect();
        fields
            .into_iter()
            .filter(|field| self.0.get(field) != before.0.get(field))
            .map(|field| Difference {
                field,
                before: words(before, field),
                now: words(self, field),
            })
            .collect()
    }
}
