//! What one can type for who and for which resources.

use std::collections::BTreeSet;

use domain::directory::Directory;

/// Entries for principals and for resources, as [`crate::opt_outs::scope_text`] reads them.
pub(super) fn suggestions(directory: &Directory) -> (Vec<String>, Vec<String>) {
    let teams: Vec<String> = directory
        .teams
        .keys()
        .map(|team| format!("team {team}"))
        .collect();
    let groups = directory.groups.keys().map(|group| format!("group {group}"));
    let principals = directory.principals.keys().map(ToString::to_string);
    let labels: BTreeSet<String> = directory
        .resources
        .values()
        .flat_map(|resource| {
            resource
                .labels
                .iter()
                .map(|(key, value)| format!("label {key}={value}"))
        })
        .collect();
    let resources = directory.resources.keys().map(ToString::to_string);
    (
        groups.chain(teams.iter().cloned()).chain(principals).collect(),
        resources.chain(labels).chain(teams.iter().cloned()).collect(),
    )
}
