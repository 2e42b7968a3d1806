//! What is different between two policy versions, in words.

use super::{PolicyVersion, files};
use std::collections::BTreeSet;

impl PolicyVersion {
    /// Each difference to the version before, in words: rules, tiers and scenarios that came, changed or left, and other
    /// files with another text. Without a version before, everything came.
    pub fn changes_since(&self, before: Option<&Self>) -> Vec<String> {
        let mut said = Vec::new();
        let rules = |version: &Self| {
            version
                .rules
                .iter()
                .map(|one| (one.id.to_string(), one.clone()))
                .collect()
        };
        compare(
            "rule",
            before.map(rules).unwrap_or_default(),
            rules(self),
            &mut said,
        );
        let tiers = |version: &Self| {
            version
                .tiers
                .iter()
                .map(|one| (one.name.to_string(), one.clone()))
                .collect()
        };
        compare(
            "tier",
            before.map(tiers).unwrap_or_default(),
            tiers(self),
            &mut said,
        );
        let scenarios = |version: &Self| {
            version
                .scenarios
                .iter()
                .map(|one| (one.id.to_string(), one.clone()))
                .collect()
        };
        compare(
            "scenario",
            before.map(scenarios).unwrap_or_default(),
            scenarios(self),
            &mut said,
        );
        // What stands in the others was said by what it means, except for comments and order, which decide nothing.
        let others = |version: &Self| {
            let told =
                |path: &str| path == files::TIERS || path == files::SCENARIOS || files::holds_rules(path);
            let texts = version.files.iter().filter(|(path, _)| !told(path));
            texts.map(|(path, text)| (path.clone(), text.clone())).collect()
        };
        compare(
            "file",
            before.map(others).unwrap_or_default(),
            others(self),
            &mut said,
        );
        if said.is_empty() {
            said.push("only comments or the order of rules changed".to_owned());
        }
        said
    }
}

fn compare<V: PartialEq>(
    what: &str,
    before: std::collections::BTreeMap<String, V>,
    after: std::collections::BTreeMap<String, V>,
    said: &mut Vec<String>,
) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let verb = match (before.get(name), after.get(name)) {
            (None, _) => "came",
            (_, None) => "left",
            (Some(before), Some(after)) if before != after => "changed",
            (Some(_), Some(_)) => continue,
        };
        said.push(format!("{what} {name} {verb}"));
    }
}
