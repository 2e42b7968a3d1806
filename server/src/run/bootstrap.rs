//! `spillway bootstrap`.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;
use service::directory::DirectoryFile;

use super::{RunError, operator};
use crate::command::Bootstrap;
use crate::config;
use crate::database::Database;

pub(super) async fn run(bootstrap: &Bootstrap) -> Result<(), RunError> {
    let files = policy_files(&bootstrap.policy)?;
    let mut directory = read_directory(&bootstrap.directory)?;
    if let Some(issuer) = &bootstrap.issuer {
        for sign_in in directory
            .principals
            .iter_mut()
            .flat_map(|principal| &mut principal.sign_ins)
        {
            issuer.clone_into(&mut sign_in.iss);
        }
    }
    let url: SecretString = config::storage(bootstrap.configured.config.as_deref(), None)?
        .database_url
        .ok_or(RunError::NoDatabaseNamed)?;
    let database = Database::named(&url).await?.refuse_demo().await?;
    let done = put_in_force(&database, &files, &directory).await;
    let closed = database.close().await;
    done?;
    Ok(closed?)
}

async fn put_in_force(
    database: &Database,
    files: &BTreeMap<String, String>,
    directory: &DirectoryFile,
) -> Result<(), RunError> {
    let service = operator::service(database).await?;
    let correlation = operator::correlation(&service);
    // The directory first: an attribute that only the new rules read is in nobody's way, and without it they are refused.
    service.import_directory(directory, correlation).await?;
    tracing::info!(
        principals = directory.principals.len(),
        "the directory is in force"
    );
    let digest = service.publish_policy(files, correlation).await?;
    tracing::info!(%digest, "the policy is in force");
    for client in &directory.clients {
        if service
            .snapshots()
            .current()
            .clients()
            .any(|known| known.name == client.name)
        {
            tracing::info!(client = client.name, "registered already; its token stays");
            continue;
        }
        let (_, token) = service.register_client(client, correlation).await?;
        println!(
            "SPILLWAY_TOKEN_{}={token}",
            client.name.to_uppercase().replace(['-', '.', ' '], "_")
        );
    }
    Ok(())
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
