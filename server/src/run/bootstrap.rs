//! Reads what `spillway bootstrap` puts in force.

use std::collections::BTreeMap;
use std::path::Path;

use service::FieldError;
use service::directory::DirectoryFile;
use service::in_force::ACCEPT;
use toml::de::{DeTable, DeValue};

use super::RunError;
use crate::command::Bootstrap;

/// Why it was refused, one line each: the faults of the directory with their lines in the file, and at the end what accepts
/// the rest.
pub(super) fn refusal(asked: &Bootstrap, faults: &[FieldError]) -> Vec<String> {
    let text = std::fs::read_to_string(&asked.directory).unwrap_or_default();
    let mut lines: Vec<String> = faults
        .iter()
        .map(|fault| line(&asked.directory, &text, fault))
        .collect();
    let accept: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault.field.strip_prefix(ACCEPT))
        .collect();
    if !accept.is_empty() {
        lines.push(format!("To continue anyway, add: --accept {}", accept.join(" ")));
    }
    lines
}

fn line(file: &Path, text: &str, fault: &FieldError) -> String {
    if fault.field.starts_with(ACCEPT) {
        return fault.message.clone();
    }
    let start = fault.field.strip_prefix("directory/").and_then(|place| {
        let table = DeTable::parse(text).ok()?;
        start_of(table.get_ref(), place)
    });
    match start {
        Some(start) => {
            let before = text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            let number = before.saturating_add(1);
            format!("{} line {number}: {}", file.display(), fault.message)
        }
        None => format!("{}: {}", fault.field, fault.message),
    }
}

/// Where an entry begins, in bytes: `principals/3`, `teams/payments`.
fn start_of(table: &DeTable<'_>, place: &str) -> Option<usize> {
    let (list, entry) = place.split_once('/')?;
    match table.get(list)?.get_ref() {
        DeValue::Array(entries) => Some(entries.get(entry.parse::<usize>().ok()?)?.span().start),
        DeValue::Table(entries) => {
            let (name, _) = entries.iter().find(|(name, _)| name.get_ref() == entry)?;
            Some(name.span().start)
        }
        _ => None,
    }
}

/// The policy's files by path, and the directory.
pub(super) fn read(asked: &Bootstrap) -> Result<(BTreeMap<String, String>, DirectoryFile), RunError> {
    let files = policy_files(&asked.policy)?;
    let mut directory = read_directory(&asked.directory)?;
    if let Some(issuer) = &asked.issuer {
        for sign_in in directory
            .principals
            .iter_mut()
            .flat_map(|principal| &mut principal.sign_ins)
        {
            issuer.clone_into(&mut sign_in.iss);
        }
    }
    Ok((files, directory))
}

/// All text files of a folder, by their path within it.
fn policy_files(folder: &Path) -> Result<BTreeMap<String, String>, RunError> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let fault = |source| RunError::File {
            path: next.clone(),
            source,
        };
        for entry in std::fs::read_dir(&next).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(|source| RunError::File {
                path: path.clone(),
                source,
            })?;
            if let Ok(name) = path.strip_prefix(folder) {
                files.insert(name.to_string_lossy().replace('\\', "/"), text);
            }
        }
    }
    Ok(files)
}

fn read_directory(path: &Path) -> Result<DirectoryFile, RunError> {
    let text = std::fs::read_to_string(path).map_err(|source| RunError::File {
        path: path.to_path_buf(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| RunError::Directory {
        path: path.to_path_buf(),
        source: Box::new(source),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_the_directory_have_their_lines() {
        let text = "\
[teams]
a = { title = \"A\", owners = \"o\" }

[groups.o]
title = \"O\"

[[principals]]
id = \"one\"

[[principals]]
id = \"two\"
";
        let places = [
            ("directory/teams/a", "d.toml line 2: wrong"),
            ("directory/groups/o", "d.toml line 4: wrong"),
            ("directory/principals/0", "d.toml line 7: wrong"),
            ("directory/principals/1", "d.toml line 10: wrong"),
            // What is not in the file keeps its name.
            ("directory/principals/2", "directory/principals/2: wrong"),
            ("directory/resources", "directory/resources: wrong"),
            ("policy", "policy: wrong"),
            ("accept/group:mentees", "wrong"),
        ];
        for (field, expected) in places {
            let fault = FieldError::new(field, "inconsistent", "wrong");
            assert_eq!(line(Path::new("d.toml"), text, &fault), expected);
        }
    }
}
