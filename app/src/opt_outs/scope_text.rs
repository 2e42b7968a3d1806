//! How people type a scope: one entry per field, several of them separated by commas or line breaks.
//!
//! ```text
//! who         = person ID | workload ID | agent ID | group NAME | team NAME | all persons | all workloads | all agents
//! resources   = TYPE ID | label KEY=VALUE | team NAME | all TYPE
//! to do what  = CAPABILITY
//! ```
//!
//! Spaces around entries do not count, nothing at all means anybody or anything. A name that holds a comma cannot be
//! typed. Whether the directory knows a name is not judged here. What is read is written back by [`principal_text`] and
//! [`resource_text`] in the same form.

use std::collections::BTreeSet;

use domain::{
    name::{Capability, GroupName, NameError, TeamName},
    principal::{PrincipalKind, PrincipalRef},
    resource::ResourceRef,
    scope::{PrincipalSelector, ResourceSelector},
};

/// Why an entry cannot be read. Its text is a sentence for who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeTextError {
    /// Begins with no word that picks principals.
    #[error(
        "“{0}” does not say whom it picks. Begin with person, workload, agent, group, team, label or all, as in “group on-call”."
    )]
    Who(String),
    /// Has no resource type before the id.
    #[error(
        "“{0}” does not say which resources it picks. Write the type and the id, as in “service payments-prod”, or begin with label, team or all."
    )]
    Which(String),
    /// A label without a value.
    #[error("“{0}” is no label. Write its key and its value, as in “label env=prod”.")]
    Label(String),
    /// `all` of what is no kind of principal.
    #[error("“{0}” can only be “all persons”, “all workloads” or “all agents”.")]
    All(String),
    /// The name behind the first word is none.
    #[error("“{entry}” cannot be read: {source}.")]
    Name {
        /// What was typed.
        entry: String,
        /// What is wrong with the name.
        #[source]
        source: NameError,
    },
}

/// Reads who. `None` where nothing was typed: anybody. Errors name the first entry that cannot be read.
pub fn principals<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Option<BTreeSet<PrincipalSelector>>, ScopeTextError> {
    each(texts, principal)
}

/// Reads which resources. `None` where nothing was typed: anything. Errors name the first entry that cannot be read.
pub fn resources<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Option<BTreeSet<ResourceSelector>>, ScopeTextError> {
    each(texts, resource)
}

/// Reads to do what. `None` where nothing was typed: whatever. Errors name the first entry that cannot be read.
pub fn capabilities<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Option<BTreeSet<Capability>>, ScopeTextError> {
    each(texts, capability)
}

/// A selector as one would type it.
pub fn principal_text(selector: &PrincipalSelector) -> String {
    match selector {
        PrincipalSelector::Id(principal) => principal.to_string(),
        PrincipalSelector::Group(group) => format!("group {group}"),
        PrincipalSelector::Team(team) => format!("team {team}"),
        PrincipalSelector::Kind(kind) => format!("all {kind}s"),
        PrincipalSelector::Label { key, value } => format!("label {key}={value}"),
    }
}

/// A selector as one would type it.
pub fn resource_text(selector: &ResourceSelector) -> String {
    match selector {
        ResourceSelector::Id(resource) => resource.to_string(),
        ResourceSelector::Label { key, value } => format!("label {key}={value}"),
        ResourceSelector::Team(team) => format!("team {team}"),
        ResourceSelector::Type(kind) => format!("all {kind}"),
    }
}

fn each<'a, T: Ord>(
    texts: impl IntoIterator<Item = &'a str>,
    read: impl Fn(&str) -> Result<T, ScopeTextError>,
) -> Result<Option<BTreeSet<T>>, ScopeTextError> {
    let entries = texts
        .into_iter()
        .flat_map(|text| text.split([',', '\n']))
        .map(str::trim);
    let read: BTreeSet<T> = entries
        .filter(|entry| !entry.is_empty())
        .map(read)
        .collect::<Result<_, _>>()?;
    Ok((!read.is_empty()).then_some(read))
}

/// Reads one entry of who, which may hold a comma.
pub(super) fn principal(entry: &str) -> Result<PrincipalSelector, ScopeTextError> {
    let (word, name) = two(entry).ok_or_else(|| ScopeTextError::Who(entry.to_owned()))?;
    match word {
        "group" => named(entry, GroupName::new(name)).map(PrincipalSelector::Group),
        "team" => named(entry, TeamName::new(name)).map(PrincipalSelector::Team),
        "label" => label(entry, name).map(|(key, value)| PrincipalSelector::Label { key, value }),
        "all" => name
            .strip_suffix('s')
            .unwrap_or(name)
            .parse()
            .map(PrincipalSelector::Kind)
            .map_err(|_| ScopeTextError::All(entry.to_owned())),
        _ => {
            let kind: PrincipalKind = word.parse().map_err(|_| ScopeTextError::Who(entry.to_owned()))?;
            named(entry, PrincipalRef::new(kind, name)).map(PrincipalSelector::Id)
        }
    }
}

/// Reads one entry of which resources, which may hold a comma.
pub(super) fn resource(entry: &str) -> Result<ResourceSelector, ScopeTextError> {
    let (word, name) = two(entry).ok_or_else(|| ScopeTextError::Which(entry.to_owned()))?;
    match word {
        "label" => label(entry, name).map(|(key, value)| ResourceSelector::Label { key, value }),
        "team" => named(entry, TeamName::new(name)).map(ResourceSelector::Team),
        // A resource's own check, so that a type is as printable as it is in the directory.
        "all" => named(entry, ResourceRef::new(name, "any")).map(|any| ResourceSelector::Type(any.kind)),
        kind => named(entry, ResourceRef::new(kind, name)).map(ResourceSelector::Id),
    }
}

/// Reads `key=value`.
fn label(entry: &str, text: &str) -> Result<(String, String), ScopeTextError> {
    match text
        .split_once('=')
        .map(|(key, value)| (key.trim(), value.trim()))
    {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err(ScopeTextError::Label(entry.to_owned())),
    }
}

/// Reads one entry of what to do.
pub(super) fn capability(entry: &str) -> Result<Capability, ScopeTextError> {
    named(entry, Capability::new(entry))
}

/// The first word and what follows it.
fn two(entry: &str) -> Option<(&str, &str)> {
    let (word, rest) = entry.split_once(char::is_whitespace)?;
    Some((word, rest.trim()))
}

fn named<T>(entry: &str, read: Result<T, NameError>) -> Result<T, ScopeTextError> {
    read.map_err(|source| ScopeTextError::Name {
        entry: entry.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn who(text: &str) -> Vec<String> {
        principals([text])
            .unwrap()
            .into_iter()
            .flatten()
            .map(|selector| principal_text(&selector))
            .collect()
    }

    fn which(text: &str) -> Vec<String> {
        resources([text])
            .unwrap()
            .into_iter()
            .flatten()
            .map(|selector| resource_text(&selector))
            .collect()
    }

    #[test]
    fn each_form_is_read_and_written_alike() {
        for text in [
            "person p.novak",
            "workload ci/payments",
            "agent triage",
            "group on-call",
            "team data",
            "label employment=contractor",
            "all workloads",
        ] {
            assert_eq!(who(text), [text]);
        }
        for text in [
            "service payments-prod",
            "label env=prod",
            "team data",
            "all database",
            "role incident-admin",
        ] {
            assert_eq!(which(text), [text]);
        }
    }

    #[test]
    fn entries_are_separated_by_commas_lines_and_fields() {
        assert_eq!(who("group a,\n  team   b ,,\r\n"), ["group a", "team b"]);
        let fields = resources(["service a", "", " service b"]).unwrap();
        assert_eq!(fields.unwrap().len(), 2);
        assert_eq!(which("label note = a = b"), ["label note=a = b"]);
        assert_eq!(who("all agent"), ["all agents"]);
    }

    #[test]
    fn nothing_typed_means_anybody() {
        assert_eq!(principals(["", " \n ", ","]), Ok(None));
        assert_eq!(resources([]), Ok(None));
        assert_eq!(capabilities([" "]), Ok(None));
        assert_eq!(capabilities(["read, deploy"]).unwrap().unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_read_is_said_in_a_sentence() {
        for (text, part) in [
            ("auditors", "Begin with person"),
            ("grp auditors", "“grp auditors”"),
            ("all groups", "all persons"),
            ("group \u{200b}", "a group is missing"),
        ] {
            let said = principals([text]).unwrap_err().to_string();
            assert!(said.contains(part), "{text}: {said}");
        }
        for (text, part) in [
            ("payments-prod", "type and the id"),
            ("label env", "as in “label env=prod”"),
            ("label =prod", "is no label"),
        ] {
            let said = resources([text]).unwrap_err().to_string();
            assert!(said.contains(part), "{text}: {said}");
        }
        assert!(principals(["group a, nobody"]).is_err());
    }
}
