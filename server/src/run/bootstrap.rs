//! Reads what `spillway bootstrap` puts in force.

use std::collections::BTreeMap;
use std::path::Path;

use service::FieldError;
use service::directory::DirectoryFile;
use toml::de::{DeTable, DeValue};

use super::RunError;
use crate::command::Bootstrap;

/// The same faults, each of the directory with its line in the file instead of its place.
pub(super) fn with_lines(asked: &Bootstrap, faults: Vec<FieldError>) -> Vec<FieldError> {
    let Ok(text) = std::fs::read_to_string(&asked.directory) else {
        return faults;
    };
    let Ok(table) = DeTable::parse(&text) else {
        return faults;
    };
    let named = |mut fault: FieldError| {
        if let Some(place) = fault.field.strip_prefix("directory/")
            && let Some(start) = start_of(table.get_ref(), place)
        {
            let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            fault.field = format!("{} line {}", asked.directory.display(), line.saturating_add(1));
        }
        fault
    };
    faults.into_iter().map(named).collect()
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
