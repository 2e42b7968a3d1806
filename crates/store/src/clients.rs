//! Clients: policy enforcement points with credentials.

use crate::error::{digest, exactly_one, from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::client::Client;
use domain::digest::Digest;
use domain::id::ClientId;
use domain::incident::IncidentPrefix;
use domain::window::Instant;
use sqlx::PgExecutor;

/// One token by which a client is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveToken {
    /// The SHA-256 of the token.
    pub sha256: Digest,
    /// Valid before this instant; none: until it is rotated.
    pub ends_at: Option<Instant>,
}

/// All clients that are not revoked, once for each token that is valid at `since` or later: nodes hold them in memory, so
/// that a decision needs no query to know its caller.
pub async fn active(
    db: impl PgExecutor<'_>,
    since: Instant,
) -> Result<Vec<(ActiveToken, Client)>, StoreError> {
    sqlx::query!(
        r#"SELECT c.id, c.name, c.subjects, c.resources, c.trusted_keys, c.signals, c.incident_prefix,
               t.token_sha256 AS "token_sha256!", t.ends_at
           FROM clients c, LATERAL (
               SELECT c.token_sha256, NULL::timestamptz AS ends_at
               UNION ALL
               SELECT f.token_sha256, f.ends_at FROM client_former_tokens f WHERE f.client_id = c.id AND f.ends_at > $1
           ) t
           WHERE c.revoked_at IS NULL"#,
        since
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let token = ActiveToken {
            sha256: digest("clients", "token_sha256", row.id, &row.token_sha256)?,
            ends_at: row.ends_at,
        };
        let client = ClientRow {
            id: row.id,
            name: row.name,
            subjects: row.subjects,
            resources: row.resources,
            trusted_keys: row.trusted_keys,
            signals: row.signals,
            incident_prefix: row.incident_prefix,
        };
        Ok((token, client.try_into()?))
    })
    .collect()
}

struct ClientRow {
    id: uuid::Uuid,
    name: String,
    subjects: serde_json::Value,
    resources: serde_json::Value,
    trusted_keys: Vec<String>,
    signals: Option<serde_json::Value>,
    incident_prefix: Option<String>,
}

impl TryFrom<ClientRow> for Client {
    type Error = StoreError;

    fn try_from(row: ClientRow) -> Result<Self, StoreError> {
        let id = ClientId::from_uuid(row.id);
        Ok(Self {
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
        })
    }
}

/// A client that is not revoked, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: ClientId) -> Result<Option<Client>, StoreError> {
    sqlx::query_as!(
        ClientRow,
        "SELECT id, name, subjects, resources, trusted_keys, signals, incident_prefix FROM clients
         WHERE id = $1 AND revoked_at IS NULL FOR UPDATE",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Client::try_from)
    .transpose()
}

/// A client as operators look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedClient {
    /// The client.
    pub client: Client,
    /// When it was registered.
    pub registered_at: Instant,
    /// When its credentials were taken away; none while it has them.
    pub revoked_at: Option<Instant>,
    /// Its tokens: the present one, then those that are still valid beside it.
    pub tokens: Vec<ListedToken>,
}

/// A token without what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedToken {
    /// When it was made; none of one that was rotated out.
    pub made_at: Option<Instant>,
    /// Valid before this instant; none: until it is rotated.
    pub ends_at: Option<Instant>,
    /// When it was last used, to the minute; none: not yet.
    pub last_used_at: Option<Instant>,
}

/// All clients, revoked ones too, by name, with the tokens that are valid at `now`.
pub async fn list(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<ListedClient>, StoreError> {
    let mut listed: Vec<ListedClient> = Vec::new();
    let rows = sqlx::query!(
        r#"SELECT c.id, c.name, c.subjects, c.resources, c.trusted_keys, c.signals, c.incident_prefix, c.created_at, c.revoked_at,
               t.made_at, t.ends_at, t.last_used_at
           FROM clients c, LATERAL (
               SELECT coalesce(c.token_made_at, c.created_at) AS made_at, NULL::timestamptz AS ends_at, c.last_used_at
               UNION ALL
               SELECT NULL, f.ends_at, f.last_used_at FROM client_former_tokens f
                WHERE f.client_id = c.id AND f.ends_at > $1
           ) t
           ORDER BY c.name, c.id, t.ends_at DESC NULLS FIRST"#,
        now
    )
    .fetch_all(db)
    .await?;
    for row in rows {
        let token = ListedToken {
            made_at: row.made_at,
            ends_at: row.ends_at,
            last_used_at: row.last_used_at,
        };
        match listed.last_mut() {
            Some(last) if last.client.id.uuid() == row.id => last.tokens.push(token),
            _ => listed.push(ListedClient {
                client: ClientRow {
                    id: row.id,
                    name: row.name,
                    subjects: row.subjects,
                    resources: row.resources,
                    trusted_keys: row.trusted_keys,
                    signals: row.signals,
                    incident_prefix: row.incident_prefix,
                }
                .try_into()?,
                registered_at: row.created_at,
                revoked_at: row.revoked_at,
                tokens: vec![token],
            }),
        }
    }
    Ok(listed)
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

/// Writes the rights of a client that was locked.
pub async fn update(tx: &mut Tx, client: &Client) -> Result<(), StoreError> {
    let keys: Vec<String> = client.trusted_keys.iter().cloned().collect();
    let rows = sqlx::query!(
        "UPDATE clients SET subjects = $2, resources = $3, trusted_keys = $4, signals = $5, incidents = $6, incident_prefix = $7
         WHERE id = $1 AND revoked_at IS NULL",
        client.id.uuid(),
        to_json("clients", "subjects", &client.subjects)?,
        to_json("clients", "resources", &client.resources)?,
        &keys,
        client
            .signals
            .as_ref()
            .map(|signals| to_json("clients", "signals", signals))
            .transpose()?,
        client.incidents.is_some(),
        client.incidents.as_ref().map(IncidentPrefix::as_str),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("clients", client.id, rows)
}

/// Gives a client that was locked a new token. Every earlier one is valid before `ends_at` at the latest.
pub async fn rotate(
    tx: &mut Tx,
    id: ClientId,
    token: &Digest,
    ends_at: Instant,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE client_former_tokens SET ends_at = least(ends_at, $2) WHERE client_id = $1 AND ends_at > $2",
        id.uuid(),
        ends_at
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO client_former_tokens (token_sha256, client_id, ends_at, last_used_at)
         SELECT token_sha256, id, $2, last_used_at FROM clients WHERE id = $1",
        id.uuid(),
        ends_at
    )
    .execute(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "UPDATE clients SET token_sha256 = $2, token_made_at = $3, last_used_at = NULL
         WHERE id = $1 AND revoked_at IS NULL",
        id.uuid(),
        token.as_bytes().as_slice(),
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("clients", id, rows)
}

/// Notes when tokens were last used. No decision depends on it, so no generation is raised.
pub async fn note_uses(db: impl PgExecutor<'_>, uses: &[(Digest, Instant)]) -> Result<(), StoreError> {
    let tokens: Vec<&[u8]> = uses
        .iter()
        .map(|(token, _)| token.as_bytes().as_slice())
        .collect();
    let ats: Vec<Instant> = uses.iter().map(|(_, at)| *at).collect();
    sqlx::query!(
        "WITH used AS (SELECT * FROM unnest($1::bytea[], $2::timestamptz[]) AS u(token, at)), former AS (
             UPDATE client_former_tokens f SET last_used_at = greatest(f.last_used_at, u.at)
               FROM used u WHERE f.token_sha256 = u.token)
         UPDATE clients c SET last_used_at = greatest(c.last_used_at, u.at) FROM used u WHERE c.token_sha256 = u.token",
        &tokens as &[&[u8]],
        &ats,
    )
    .execute(db)
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
