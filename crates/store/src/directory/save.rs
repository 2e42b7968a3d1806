//! Writes the directory.

use crate::directory::principal_ref;
use crate::error::to_json;
use crate::{StoreError, Tx};
use domain::digest::Digest;
use domain::directory::Directory;
use domain::id::PrincipalUid;
use domain::principal::PrincipalRef;
use domain::window::Instant;
use std::collections::BTreeMap;

/// Nobody else changes the directory, or puts a policy in force beside it, until the transaction ends.
pub async fn lock(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query!("SELECT only_one FROM directory_version FOR UPDATE")
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// The random ids that principals have, those who have left included. Whoever comes back has the id that leaves of the ledger name them by.
pub async fn uids(tx: &mut Tx) -> Result<BTreeMap<PrincipalRef, PrincipalUid>, StoreError> {
    sqlx::query!("SELECT kind, id, uid FROM principals")
        .fetch_all(tx.conn())
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

/// Makes the stored directory equal to `directory`. Principals and resources that are no longer there are marked gone,
/// never deleted: votes and requests name them.
pub async fn replace(tx: &mut Tx, directory: &Directory) -> Result<(), StoreError> {
    let conn = tx.conn();
    sqlx::query!("DELETE FROM group_members")
        .execute(&mut *conn)
        .await?;
    for (name, group) in &directory.groups {
        let parents: Vec<String> = group.parents.iter().map(ToString::to_string).collect();
        sqlx::query!(
            "INSERT INTO groups (name, title, parents) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET title = excluded.title, parents = excluded.parents",
            name.as_str(),
            group.title,
            &parents,
        )
        .execute(&mut *conn)
        .await?;
    }
    for (name, team) in &directory.teams {
        sqlx::query!(
            "INSERT INTO teams (name, title, owners) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET title = excluded.title, owners = excluded.owners",
            name.as_str(),
            team.title,
            team.owners.as_str(),
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!("UPDATE principals SET gone = true")
        .execute(&mut *conn)
        .await?;
    for (name, principal) in &directory.principals {
        sqlx::query!(
            "INSERT INTO principals (kind, id, uid, display_name, team, attributes) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (kind, id) DO UPDATE SET display_name = excluded.display_name, team = excluded.team,
                 attributes = excluded.attributes, gone = false",
            name.kind.as_str(),
            name.id,
            principal.uid.uuid(),
            principal.display_name,
            principal.team.as_str(),
            to_json("principals", "attributes", &principal.attributes)?,
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!("UPDATE resources SET gone = true")
        .execute(&mut *conn)
        .await?;
    for (name, resource) in &directory.resources {
        sqlx::query!(
            "INSERT INTO resources (type, id, display_name, team, labels, attributes, parents)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (type, id) DO UPDATE SET display_name = excluded.display_name, team = excluded.team,
                 labels = excluded.labels, attributes = excluded.attributes, parents = excluded.parents, gone = false",
            name.kind,
            name.id,
            resource.display_name,
            resource.team.as_str(),
            to_json("resources", "labels", &resource.labels)?,
            to_json("resources", "attributes", &resource.attributes)?,
            to_json("resources", "parents", &resource.parents)?,
        )
        .execute(&mut *conn)
        .await?;
    }
    for (name, group) in &directory.groups {
        for member in &group.members {
            sqlx::query!(
                "INSERT INTO group_members (group_name, principal_kind, principal_id) VALUES ($1, $2, $3)",
                name.as_str(),
                member.kind.as_str(),
                member.id,
            )
            .execute(&mut *conn)
            .await?;
        }
    }
    let teams: Vec<String> = directory.teams.keys().map(ToString::to_string).collect();
    let groups: Vec<String> = directory.groups.keys().map(ToString::to_string).collect();
    // A team that a gone principal belonged to has to stay: the row still names it.
    sqlx::query!(
        "DELETE FROM teams t WHERE NOT (t.name = ANY($1))
             AND NOT EXISTS (SELECT FROM principals p WHERE p.team = t.name)
             AND NOT EXISTS (SELECT FROM resources r WHERE r.team = t.name)",
        &teams,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "DELETE FROM groups g WHERE NOT (g.name = ANY($1))
             AND NOT EXISTS (SELECT FROM teams t WHERE t.owners = g.name)",
        &groups,
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// Stores entity versions that are not there yet, by digest.
pub async fn store_entity_versions(
    tx: &mut Tx,
    versions: &[(Digest, serde_json::Value)],
    now: Instant,
) -> Result<(), StoreError> {
    for (digest, body) in versions {
        sqlx::query!(
            "INSERT INTO entity_versions (digest, body, stored_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            digest.as_bytes().as_slice(),
            crate::any_json::storable(body.clone()),
            now,
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}
