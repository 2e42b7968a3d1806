//! The files of a policy version: which there may be, how large, and their digest.

use super::Problem;
use domain::digest::Digest;
use std::collections::BTreeMap;

/// The tiers.
pub(crate) const TIERS: &str = "tiers.toml";
/// The scenarios.
pub(crate) const SCENARIOS: &str = "scenarios.toml";
/// The Cedar schema.
pub(crate) const SCHEMA: &str = "schema.cedarschema";

/// The most bytes of all files together. Cedar has no time-out, so size is what bounds its work.
pub(crate) const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Whether a path is that of a file of rules.
pub(crate) fn holds_rules(path: &str) -> bool {
    in_folder(path, "rules/", ".cedar")
}

fn in_folder(path: &str, folder: &str, ending: &str) -> bool {
    path.strip_prefix(folder)
        .and_then(|rest| rest.strip_suffix(ending))
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// Checks names and sizes, before anything is parsed.
pub(crate) fn check(files: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for path in [TIERS, SCENARIOS, SCHEMA] {
        if !files.contains_key(path) {
            problems.push(Problem::new(path, None, "this file is missing"));
        }
    }
    for path in files.keys() {
        let known = [TIERS, SCENARIOS, SCHEMA].contains(&path.as_str())
            || holds_rules(path)
            || in_folder(path, "tests/", ".toml");
        if !known {
            problems.push(Problem::new(
                path,
                None,
                format!("no such file belongs here: use {TIERS}, {SCENARIOS}, {SCHEMA}, rules/*.cedar, tests/*.toml"),
            ));
        }
    }
    let bytes: usize = files.values().map(String::len).sum();
    if bytes > MOST_BYTES {
        problems.push(Problem::new(
            SCHEMA,
            None,
            format!("all files together have {bytes} bytes; at most {MOST_BYTES} are allowed"),
        ));
    }
    problems
}

/// The digest of a policy version: SHA-256 over the RFC 8785 JSON object from path to text, whose members that RFC
/// sorts. None only if the texts have no canonical form, which no string lacks.
pub(crate) fn digest(files: &BTreeMap<String, String>) -> Option<Digest> {
    Digest::of_canonical(files).ok()
}
