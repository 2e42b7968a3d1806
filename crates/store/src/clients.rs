//! Clients: policy enforcement points with credentials.

use crate::error::{exactly_one, from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::client::Client;
use domain::digest::Digest;
use domain::id::ClientId;
use domain::incident::IncidentPrefix;
use domain::window::Instant;
use sqlx::PgExecutor;

/// All clients that are not revoked, each with the SHA-256 of its token: nodes hold them in memory, so that a decision
/// needs no query to know its caller.
pub async fn active(db: impl PgExecutor<'_>) -> Result<Vec<(Digest, Client)>, StoreError> {
    sqlx::query!(
        "SELECT id, name, token_sha256, subjects, resources, trusted_keys, signals, incident_prefix
         FROM clients WHERE revoked_at IS NULL"
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let id = ClientId::from_uuid(row.id);
        let token: [u8; 32] =
            row.token_sha256
                .as_slice()
                .try_into()
                .map_err(inconsistent("clients", "token_sha256", id))?;
        let client = Client {
            id,
            name: row.name,
            subjects: from_json("clients", "subjects", id, row.subjects)?,
            resources: from_json("clients", "resources", id, row.resources)?,
            trusted_keys: row.trusted_keys.into_iter().collect(),
            signals: row
                .signals
                .map(|signals| from_json("clients", "signals", id, signals))
                .transpose()?,
            incidents: row
                .incident_prefix
                .map(|prefix| {
                    prefix
                        .try_into()
                        .map_err(inconsistent("clients", "incident_prefix", id))
                })
                .transpose()?,
        };
        Ok((Digest::from_bytes(token), client))
    })
    .collect()
}

/// Registers a client under the SHA-256 of its token.
pub async fn insert(tx: &mut Tx, client: &Client, token: &Digest, now: Instant) -> Result<(), StoreError> {
    let keys: Vec<String> = client.trusted_keys.iter().cloned().collect();
    sqlx::query!(
        "INSERT INTO clients (id, name, token_sha256, subjects, resources, trusted_keys, created_at, signals, incidents,
             incident_prefix)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        client.id.uuid(),
        client.name,
        token.as_bytes().as_slice(),
        to_json("clients", "subjects", &client.subjects)?,
        to_json("clients", "resources", &client.resources)?,
        &keys,
        now,
        client
            .signals
            .as_ref()
            .map(|signals| to_json("clients", "signals", signals))
            .transpose()?,
        client.incidents.is_some(),
        client.incidents.as_ref().map(IncidentPrefix::as_str),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a client's credentials away.
pub async fn revoke(tx: &mut Tx, id: ClientId, now: Instant) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE clients SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("clients", id, rows)
}
