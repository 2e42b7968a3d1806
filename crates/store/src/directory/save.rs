//! Writes what has changed of the directory: one statement for each table, whatever its size.

use crate::directory::principal_ref;
use crate::error::to_json;
use crate::{StoreError, Tx};
use domain::digest::Digest;
use domain::directory::{Delta, Group, Principal, Resource, Rows, Team};
use domain::id::PrincipalUid;
use domain::name::{GroupName, TeamName};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::window::Instant;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use std::collections::BTreeMap;

/// Nobody else changes the directory, or puts a policy in force beside it, until the transaction ends.
pub async fn lock(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query!("SELECT only_one FROM directory_version FOR UPDATE")
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// The random ids of principals who have left. Whoever comes back has the id that leaves of the ledger name them by.
pub async fn uids_of_gone(
    db: impl PgExecutor<'_>,
) -> Result<BTreeMap<PrincipalRef, PrincipalUid>, StoreError> {
    sqlx::query!("SELECT kind, id, uid FROM principals WHERE gone")
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| {
            Ok((
                principal_ref("principals", &row.kind, row.id)?,
                PrincipalUid::from_uuid(row.uid),
            ))
        })
        .collect()
}

/// Changes the stored directory by these rows. What is no longer there is marked gone, never deleted: votes and requests
/// name it.
pub async fn change(tx: &mut Tx, delta: &Delta<'_>) -> Result<(), StoreError> {
    let conn = tx.conn();
    put_groups(conn, &delta.groups).await?;
    put_teams(conn, &delta.teams).await?;
    put_principals(conn, &delta.principals).await?;
    mark_principals_gone(conn, &delta.principals.gone).await?;
    put_resources(conn, &delta.resources).await?;
    mark_resources_gone(conn, &delta.resources.gone).await?;
    put_members(conn, &delta.groups).await?;
    let teams: Vec<String> = delta.teams.gone.iter().map(ToString::to_string).collect();
    sqlx::query!("UPDATE teams SET gone = true WHERE name = ANY($1)", &teams)
        .execute(&mut *conn)
        .await?;
    let groups: Vec<String> = delta.groups.gone.iter().map(ToString::to_string).collect();
    sqlx::query!("UPDATE groups SET gone = true WHERE name = ANY($1)", &groups)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

/// Marks principals as gone, and nothing else: what leaves when nothing else may change.
pub async fn leave(tx: &mut Tx, gone: &[&PrincipalRef]) -> Result<(), StoreError> {
    mark_principals_gone(tx.conn(), gone).await
}

async fn put_groups(conn: &mut PgConnection, rows: &Rows<'_, GroupName, Group>) -> Result<(), StoreError> {
    let mut names = Vec::with_capacity(rows.put.len());
    let mut titles = Vec::with_capacity(rows.put.len());
    let mut parents = Vec::with_capacity(rows.put.len());
    for (name, group) in &rows.put {
        names.push(name.to_string());
        titles.push(group.title.clone());
        // A column of arrays has no array of its own.
        parents.push(to_json("groups", "parents", &group.parents)?);
    }
    sqlx::query!(
        "INSERT INTO groups (name, title, parents)
         SELECT name, title, ARRAY(SELECT jsonb_array_elements_text(parents))
           FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS new (name, title, parents)
         ON CONFLICT (name) DO UPDATE SET title = excluded.title, parents = excluded.parents, gone = false",
        &names,
        &titles,
        &parents,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn put_teams(conn: &mut PgConnection, rows: &Rows<'_, TeamName, Team>) -> Result<(), StoreError> {
    let names: Vec<String> = rows.put.iter().map(|(name, _)| name.to_string()).collect();
    let titles: Vec<String> = rows.put.iter().map(|(_, team)| team.title.clone()).collect();
    let owners: Vec<String> = rows.put.iter().map(|(_, team)| team.owners.to_string()).collect();
    sqlx::query!(
        "INSERT INTO teams (name, title, owners)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
         ON CONFLICT (name) DO UPDATE SET title = excluded.title, owners = excluded.owners, gone = false",
        &names,
        &titles,
        &owners,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn put_principals(
    conn: &mut PgConnection,
    rows: &Rows<'_, PrincipalRef, Principal>,
) -> Result<(), StoreError> {
    let (kinds, ids) = columns(rows.put.iter().map(|(name, _)| *name));
    let (mut uids, mut titles, mut teams) = (Vec::new(), Vec::new(), Vec::new());
    let mut attributes: Vec<Value> = Vec::with_capacity(rows.put.len());
    for (_, principal) in &rows.put {
        uids.push(principal.uid.uuid());
        titles.push(principal.display_name.clone());
        teams.push(principal.team.to_string());
        attributes.push(to_json("principals", "attributes", &principal.attributes)?);
    }
    sqlx::query!(
        "INSERT INTO principals (kind, id, uid, display_name, team, attributes)
         SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[])
         ON CONFLICT (kind, id) DO UPDATE SET display_name = excluded.display_name, team = excluded.team,
             attributes = excluded.attributes, gone = false",
        &kinds,
        &ids,
        &uids,
        &titles,
        &teams,
        &attributes,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks these as gone, and takes them out of every group: whoever comes back is in those alone that the directory says then.
async fn mark_principals_gone(conn: &mut PgConnection, gone: &[&PrincipalRef]) -> Result<(), StoreError> {
    let (kinds, ids) = columns(gone.iter().copied());
    sqlx::query!(
        "UPDATE principals p SET gone = true FROM unnest($1::text[], $2::text[]) AS left_it (kind, id)
          WHERE p.kind = left_it.kind AND p.id = left_it.id",
        &kinds,
        &ids,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "DELETE FROM group_members m USING unnest($1::text[], $2::text[]) AS left_it (kind, id)
          WHERE m.principal_kind = left_it.kind AND m.principal_id = left_it.id",
        &kinds,
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn put_resources(
    conn: &mut PgConnection,
    rows: &Rows<'_, ResourceRef, Resource>,
) -> Result<(), StoreError> {
    let (mut kinds, mut ids, mut titles, mut teams) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut labels, mut attributes, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    for (name, resource) in &rows.put {
        kinds.push(name.kind.clone());
        ids.push(name.id.clone());
        titles.push(resource.display_name.clone());
        teams.push(resource.team.to_string());
        labels.push(to_json("resources", "labels", &resource.labels)?);
        attributes.push(to_json("resources", "attributes", &resource.attributes)?);
        parents.push(to_json("resources", "parents", &resource.parents)?);
    }
    sqlx::query!(
        "INSERT INTO resources (type, id, display_name, team, labels, attributes, parents)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[])
         ON CONFLICT (type, id) DO UPDATE SET display_name = excluded.display_name, team = excluded.team,
             labels = excluded.labels, attributes = excluded.attributes, parents = excluded.parents, gone = false",
        &kinds,
        &ids,
        &titles,
        &teams,
        &labels,
        &attributes,
        &parents,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn mark_resources_gone(conn: &mut PgConnection, gone: &[&ResourceRef]) -> Result<(), StoreError> {
    let kinds: Vec<String> = gone.iter().map(|name| name.kind.clone()).collect();
    let ids: Vec<String> = gone.iter().map(|name| name.id.clone()).collect();
    sqlx::query!(
        "UPDATE resources r SET gone = true FROM unnest($1::text[], $2::text[]) AS left_it (type, id)
          WHERE r.type = left_it.type AND r.id = left_it.id",
        &kinds,
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The members of groups that are different, and none of those that are gone.
async fn put_members(conn: &mut PgConnection, rows: &Rows<'_, GroupName, Group>) -> Result<(), StoreError> {
    let put = rows.put.iter().map(|(name, _)| *name);
    let touched: Vec<String> = put
        .chain(rows.gone.iter().copied())
        .map(ToString::to_string)
        .collect();
    sqlx::query!("DELETE FROM group_members WHERE group_name = ANY($1)", &touched)
        .execute(&mut *conn)
        .await?;
    let members = rows
        .put
        .iter()
        .flat_map(|(name, group)| group.members.iter().map(move |member| (name, member)));
    let groups: Vec<String> = members.clone().map(|(name, _)| name.to_string()).collect();
    let (kinds, ids) = columns(members.map(|(_, member)| member));
    sqlx::query!(
        "INSERT INTO group_members (group_name, principal_kind, principal_id)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[])",
        &groups,
        &kinds,
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn columns<'a>(names: impl Iterator<Item = &'a PrincipalRef>) -> (Vec<String>, Vec<String>) {
    names
        .map(|name| (name.kind.as_str().to_owned(), name.id.clone()))
        .unzip()
}

/// Stores entity versions that are not there yet, by digest.
pub async fn store_entity_versions(
    tx: &mut Tx,
    versions: Vec<(Digest, Value)>,
    now: Instant,
) -> Result<(), StoreError> {
    let (digests, bodies): (Vec<Vec<u8>>, Vec<Value>) = versions
        .into_iter()
        .map(|(digest, body)| (digest.as_bytes().to_vec(), crate::any_json::storable(body)))
        .unzip();
    sqlx::query!(
        "INSERT INTO entity_versions (digest, body, stored_at)
         SELECT digest, body, $3 FROM unnest($1::bytea[], $2::jsonb[]) AS new (digest, body)
         ON CONFLICT DO NOTHING",
        &digests,
        &bodies,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
