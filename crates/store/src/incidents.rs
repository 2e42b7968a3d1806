//! Incidents, as they are told of.

use crate::error::{exactly_one, inconsistent};
use crate::{StoreError, Tx};
use domain::id::ClientId;
use domain::incident::Incident;
use domain::name::IncidentId;
use domain::opt_out::Facts;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

/// Held until the transaction ends, before any row is locked: no incident is told of meanwhile.
pub async fn hold(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query!(r#"SELECT hold_incidents()::text AS "done""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// Held until the transaction ends, before any row is locked: nobody approves what stands on an incident meanwhile, and
/// nobody else tells of any.
pub async fn tell(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query!(r#"SELECT tell_incidents()::text AS "done""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// One incident, with the version that an update has to find.
pub async fn find(db: impl PgExecutor<'_>, id: &IncidentId) -> Result<Option<(Incident, i32)>, StoreError> {
    sqlx::query!(
        "SELECT version, title, client_id, state, opened_at, resolved_at FROM incidents WHERE id = $1",
        id.as_str()
    )
    .fetch_optional(db)
    .await?
    .map(|row| {
        let incident = Incident {
            id: id.clone(),
            title: row.title,
            client: ClientId::from_uuid(row.client_id),
            state: row
                .state
                .parse()
                .map_err(inconsistent("incidents", "state", id))?,
            opened_at: row.opened_at,
            resolved_at: row.resolved_at,
        };
        Ok((incident, row.version))
    })
    .transpose()
}

/// Stores a new one.
pub async fn insert(tx: &mut Tx, incident: &Incident) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO incidents (id, title, client_id, state, opened_at, resolved_at) VALUES ($1, $2, $3, $4, $5, $6)",
        incident.id.as_str(),
        incident.title,
        incident.client.uuid(),
        incident.state.as_str(),
        incident.opened_at,
        incident.resolved_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores what has become of one.
pub async fn update(tx: &mut Tx, incident: &Incident, version: i32) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE incidents SET version = version + 1, state = $3, resolved_at = $4, client_id = $5
         WHERE id = $1 AND version = $2",
        incident.id.as_str(),
        version,
        incident.state.as_str(),
        incident.resolved_at,
        incident.client.uuid(),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("incidents", &incident.id, rows)
}

/// What the premises of opt-outs that are not over read beside the directory: all incidents and tickets that they name.
pub async fn facts(db: &mut sqlx::PgConnection) -> Result<Facts, StoreError> {
    let mut incidents = BTreeMap::new();
    let rows = sqlx::query!(
        "SELECT i.id, i.state FROM incidents i WHERE EXISTS (SELECT FROM opt_outs o WHERE o.incident = i.id
             AND o.state IN ('requested', 'in_review', 'approved', 'active', 'suspended'))"
    )
    .fetch_all(&mut *db)
    .await?;
    for row in rows {
        let id = IncidentId::new(row.id).map_err(inconsistent("incidents", "id", ""))?;
        incidents.insert(id, row.state == "open");
    }
    Ok(Facts {
        incidents,
        tickets: crate::tickets::answers(db).await?,
    })
}
