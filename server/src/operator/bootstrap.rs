//! `spillway bootstrap`.

use std::collections::BTreeMap;

use domain::id::CorrelationId;
use serde_json::{Value, json};
use service::directory::{ClientFile, DirectoryFile};
use service::in_force::{Accepted, Wanted};
use service::{Service, ServiceError};
use store::Store;

use super::Report;
use super::clients::{as_json, said, token_line};

/// What is put in force.
#[derive(Debug)]
pub struct PutInForce<'a> {
    /// The policy's files by path.
    pub policy: &'a BTreeMap<String, String>,
    /// The directory, with its clients.
    pub directory: &'a DirectoryFile,
    /// The names in refusals that are accepted.
    pub accept: Accepted,
    /// Whether a client that the directory does not name loses its credentials.
    pub revoke_absent: bool,
}

/// Puts it in force: directory and policy in one step, then clients. What stands as it is asked for stays.
pub async fn run(
    service: &Service,
    wanted: &PutInForce<'_>,
    correlation: CorrelationId,
    report: &mut Report,
) -> Result<(), ServiceError> {
    let done = service
        .put_in_force(
            Wanted {
                directory: Some(wanted.directory),
                policy: Some(wanted.policy),
                accept: Some(&wanted.accept),
            },
            correlation,
        )
        .await?;
    for line in &done.told {
        report.line(line);
    }
    if !done.told.is_empty() {
        report.set("told", done.told);
    }
    if let Some(digest) = done.policy {
        report.set("policy", digest.to_string());
    }
    clients(service, wanted, correlation, report).await
}

/// Whether nothing is to be done, and says what there is. It opens no snapshot, so that the same file every day costs
/// little.
pub async fn stands(
    store: &Store,
    wanted: &PutInForce<'_>,
    report: &mut Report,
) -> Result<bool, ServiceError> {
    let Some(policy) = service::in_force::stands(store, wanted.directory, wanted.policy).await? else {
        return Ok(false);
    };
    let now = store::generation::database_time(store.pool()).await?;
    let known = store::clients::list(store.pool(), now).await?;
    let same = |file: &ClientFile| {
        known.iter().any(|known| {
            known.client.name == file.name
                && known.revoked_at.is_none()
                && known.client == file.client(known.client.id)
        })
    };
    let named = |name: &str| wanted.directory.clients.iter().any(|file| file.name == name);
    let absent = known
        .iter()
        .any(|known| known.revoked_at.is_none() && !named(&known.client.name));
    if absent || !wanted.directory.clients.iter().all(same) {
        return Ok(false);
    }
    for file in &wanted.directory.clients {
        report.line(format!("{} Its token stays.", said(&file.name, &[])));
        note(
            report,
            vec![
                ("name", Value::from(file.name.as_str())),
                ("changes", as_json(&[])?),
            ],
        );
    }
    report.set("policy", policy.to_string());
    Ok(true)
}

async fn clients(
    service: &Service,
    wanted: &PutInForce<'_>,
    correlation: CorrelationId,
    report: &mut Report,
) -> Result<(), ServiceError> {
    let known = service.list_clients(correlation).await?;
    for file in &wanted.directory.clients {
        let name = file.name.as_str();
        let mut done = vec![("name", Value::from(name))];
        match known.iter().find(|known| known.client.name == name) {
            None => {
                let (_, token) = service.register_client(file, correlation).await?;
                report.line(token_line(name, &token));
                done.push(("token", token.into()));
            }
            Some(known) if known.revoked_at.is_some() => {
                report.line(format!(
                    "{name}: revoked. A name is never given to a second client: choose another one."
                ));
                done.push(("revoked", true.into()));
            }
            Some(known) => {
                let changes = service
                    .change_client(file.client(known.client.id), correlation)
                    .await?;
                report.line(format!("{} Its token stays.", said(name, &changes)));
                done.push(("changes", as_json(&changes)?));
            }
        }
        note(report, done);
    }
    for absent in known.iter().filter(|known| known.revoked_at.is_none()) {
        let name = absent.client.name.as_str();
        if wanted.directory.clients.iter().any(|file| file.name == name) {
            continue;
        }
        if wanted.revoke_absent {
            service.revoke_client(correlation, absent.client.id).await?;
            report.line(format!("{name}: not in the directory. Revoked."));
        } else {
            report.line(format!(
                "{name}: not in the directory. It keeps its credentials; --revoke-absent takes them away."
            ));
        }
        let done = vec![
            ("name", Value::from(name)),
            ("absent", true.into()),
            ("revoked", wanted.revoke_absent.into()),
        ];
        note(report, done);
    }
    Ok(())
}

/// Adds a client to the report's list.
fn note(report: &mut Report, done: Vec<(&str, Value)>) {
    let client: Value = done
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let clients = report.json.entry("clients").or_insert_with(|| json!([]));
    if let Some(list) = clients.as_array_mut() {
        list.push(client);
    }
}
