//! What a change would take out of force without a word: names that nothing has any more, types that no rule knows, and
//! opt-outs that would cover less.

use super::accepted::{ACCEPT, Accepted, spelled};
use crate::{FieldError, ServiceError};
use domain::directory::Directory;
use policy::{DirectoryView, Named, PolicyVersion};
use std::collections::BTreeMap;

/// One reason to ask before it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    /// What it is about, and what accepts it.
    pub(super) name: Named,
    /// A code that programs read.
    pub(super) code: &'static str,
    /// A sentence.
    pub(super) why: String,
}

/// A policy and the directory that it is in force with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) policy: &'a PolicyVersion,
    pub(super) directory: &'a Directory,
    pub(super) view: &'a DirectoryView,
}

/// What is not there in the next pair, and was not missing in the one before: that somebody has accepted.
pub(super) fn between(before: Option<Pair<'_>>, next: Pair<'_>) -> Vec<Doubt> {
    let known: BTreeMap<Named, Doubt> = before.map(missing).unwrap_or_default();
    missing(next)
        .into_iter()
        .filter(|(name, _)| !known.contains_key(name))
        .map(|(_, doubt)| doubt)
        .collect()
}

fn missing(pair: Pair<'_>) -> BTreeMap<Named, Doubt> {
    let mut found = BTreeMap::new();
    let mut note = |name: Named, code, why: String| {
        found.entry(name.clone()).or_insert(Doubt { name, code, why });
    };
    for (name, place) in pair.policy.unknown_in(pair.directory) {
        note(
            name.clone(),
            "unknown_name",
            format!("The {place} names the {name}, which the directory does not have."),
        );
    }
    for (name, place) in pair.view.unknown_in_attributes(pair.policy) {
        note(
            name.clone(),
            "unknown_name",
            format!("An attribute of {place} names the {name}, which the directory does not have."),
        );
    }
    for resource in pair.view.left_out() {
        if pair.policy.resource_types().all(|known| known != resource.kind) {
            note(
                Named {
                    kind: "type".to_owned(),
                    id: resource.kind.clone(),
                },
                "unknown_type",
                format!(
                    "The {resource} is of a type that the policy's schema does not declare. Nobody would get access to it."
                ),
            );
        }
    }
    found
}

/// Errors with the doubts that nobody has accepted. The field of each is `accept/` and what accepts it.
pub(super) fn unaccepted(doubts: &[Doubt], accepted: &Accepted) -> Result<(), ServiceError> {
    let open: Vec<&Doubt> = doubts
        .iter()
        .filter(|doubt| !accepted.covers(&doubt.name))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(ServiceError::Invalid(
        open.into_iter()
            .map(|doubt| {
                let field = format!("{ACCEPT}{}", spelled(&doubt.name));
                FieldError::new(field, doubt.code, doubt.why.clone())
            })
            .collect(),
    ))
}
