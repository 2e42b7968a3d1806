//! Reads the whole directory: it is held in memory by every node.

use crate::StoreError;
use crate::error::{from_json, inconsistent};
use domain::directory::{Directory, Group, Principal, Resource, Team};
use domain::id::PrincipalUid;
use domain::name::{GroupName, TeamName};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use sqlx::{PgConnection, PgExecutor};
use std::collections::BTreeMap;

/// The directory as it stands. Principals and resources that are gone are not in it: they are unknown to decisions.
pub async fn load(conn: &mut PgConnection) -> Result<Directory, StoreError> {
    let mut teams = BTreeMap::new();
    for row in sqlx::query!("SELECT name, title, owners FROM teams WHERE NOT gone")
        .fetch_all(&mut *conn)
        .await?
    {
        let name = TeamName::new(row.name.clone()).map_err(inconsistent("teams", "name", &row.name))?;
        let owners = GroupName::new(row.owners).map_err(inconsistent("teams", "owners", &row.name))?;
        teams.insert(
            name,
            Team {
                title: row.title,
                owners,
            },
        );
    }

    let mut groups = BTreeMap::new();
    for row in sqlx::query!("SELECT name, title, parents FROM groups WHERE NOT gone")
        .fetch_all(&mut *conn)
        .await?
    {
        let name = GroupName::new(row.name.clone()).map_err(inconsistent("groups", "name", &row.name))?;
        let parents = row
            .parents
            .into_iter()
            .map(GroupName::new)
            .collect::<Result<_, _>>()
            .map_err(inconsistent("groups", "parents", &row.name))?;
        groups.insert(
            name,
            Group {
                title: row.title,
                members: Default::default(),
                parents,
            },
        );
    }
    let members = sqlx::query!(
        "SELECT m.group_name, m.principal_kind, m.principal_id
         FROM group_members m
         JOIN principals p ON p.kind = m.principal_kind AND p.id = m.principal_id AND NOT p.gone"
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in members {
        let group = GroupName::new(row.group_name.clone()).map_err(inconsistent(
            "group_members",
            "group_name",
            &row.group_name,
        ))?;
        let member = principal_ref("group_members", &row.principal_kind, row.principal_id)?;
        if let Some(found) = groups.get_mut(&group) {
            found.members.insert(member);
        }
    }

    let mut principals = BTreeMap::new();
    let rows =
        sqlx::query!("SELECT kind, id, uid, display_name, team, attributes FROM principals WHERE NOT gone")
            .fetch_all(&mut *conn)
            .await?;
    for row in rows {
        let name = principal_ref("principals", &row.kind, row.id)?;
        let team = TeamName::new(row.team).map_err(inconsistent("principals", "team", &name))?;
        let attributes = from_json("principals", "attributes", &name, row.attributes)?;
        let uid = PrincipalUid::from_uuid(row.uid);
        principals.insert(
            name,
            Principal {
                uid,
                display_name: row.display_name,
                team,
                attributes,
            },
        );
    }

    let mut resources = BTreeMap::new();
    let rows = sqlx::query!(
        "SELECT type, id, display_name, team, labels, attributes, parents FROM resources WHERE NOT gone"
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        let name = resource_ref("resources", row.r#type, row.id)?;
        let resource = Resource {
            display_name: row.display_name,
            team: TeamName::new(row.team).map_err(inconsistent("resources", "team", &name))?,
            labels: from_json("resources", "labels", &name, row.labels)?,
            attributes: from_json("resources", "attributes", &name, row.attributes)?,
            parents: from_json("resources", "parents", &name, row.parents)?,
        };
        resources.insert(name, resource);
    }

    Directory::new(teams, groups, principals, resources).map_err(inconsistent("directory", "*", "directory"))
}

/// Whether the directory has or had this principal.
pub async fn is_known(db: impl PgExecutor<'_>, principal: &PrincipalRef) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM principals WHERE kind = $1 AND id = $2) AS "known!""#,
        principal.kind.as_str(),
        principal.id
    )
    .fetch_one(db)
    .await?)
}

/// Reads a principal's two columns.
pub(crate) fn principal_ref(table: &'static str, kind: &str, id: String) -> Result<PrincipalRef, StoreError> {
    let kind: PrincipalKind = kind.parse().map_err(inconsistent(table, "principal_kind", &id))?;
    PrincipalRef::new(kind, id.clone()).map_err(inconsistent(table, "principal_id", id))
}

/// Reads a resource's two columns.
pub(crate) fn resource_ref(table: &'static str, kind: String, id: String) -> Result<ResourceRef, StoreError> {
    ResourceRef::new(kind, id.clone()).map_err(inconsistent(table, "resource_id", id))
}
