//! The demo's organisation: its policy and its directory, embedded.

use std::collections::BTreeMap;

use service::directory::DirectoryFile;

/// The policy's files, as `server/demo/policy` has them.
pub fn policy() -> BTreeMap<String, String> {
    [
        ("tiers.toml", include_str!("../../demo/policy/tiers.toml")),
        ("scenarios.toml", include_str!("../../demo/policy/scenarios.toml")),
        (
            "schema.cedarschema",
            include_str!("../../demo/policy/schema.cedarschema"),
        ),
        (
            "rules/access.cedar",
            include_str!("../../demo/policy/rules/access.cedar"),
        ),
        (
            "rules/automation.cedar",
            include_str!("../../demo/policy/rules/automation.cedar"),
        ),
        (
            "rules/classify.cedar",
            include_str!("../../demo/policy/rules/classify.cedar"),
        ),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .collect()
}

/// The directory, its sign-ins linked to the provider at `issuer`. Errors when the embedded text is no directory.
pub fn directory(issuer: &str) -> Result<DirectoryFile, toml::de::Error> {
    let mut file: DirectoryFile = toml::from_str(include_str!("../../demo/directory.toml"))?;
    for principal in &mut file.principals {
        for sign_in in &mut principal.sign_ins {
            issuer.clone_into(&mut sign_in.iss);
        }
    }
    Ok(file)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::demo::people::PEOPLE;

    #[test]
    fn everybody_who_can_sign_in_is_in_the_directory() {
        let file = directory("http://127.0.0.1:4000").unwrap();
        for person in PEOPLE {
            let found = file
                .principals
                .iter()
                .find(|principal| principal.id == person.sub);
            let linked = found.map(|found| {
                found
                    .sign_ins
                    .iter()
                    .map(|link| (link.iss.as_str(), link.sub.as_str()))
            });
            assert_eq!(
                linked.map(Iterator::collect::<Vec<_>>),
                Some(vec![("http://127.0.0.1:4000", person.sub)]),
                "{}",
                person.sub
            );
        }
    }

    #[test]
    fn the_embedded_policy_is_the_folder_and_loads() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/policy");
        let mut on_disk = std::collections::BTreeSet::new();
        for entry in std::fs::read_dir(folder.join("rules")).unwrap() {
            on_disk.insert(format!("rules/{}", entry.unwrap().file_name().to_string_lossy()));
        }
        let files = policy();
        let embedded: std::collections::BTreeSet<String> = files
            .keys()
            .filter(|path| path.starts_with("rules/"))
            .cloned()
            .collect();
        assert_eq!(embedded, on_disk);
        assert!(policy::PolicyVersion::load(&files).is_ok());
    }
}
