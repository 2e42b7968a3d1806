//! Which roles people had at their last sign-in. It says whom to ask and whom to tell; what somebody may do, their session
//! says.

use crate::error::inconsistent;
use crate::{StoreError, Tx};
use domain::name::PersonId;
use domain::role::{Permission, Role};
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::{BTreeSet, HashMap};

/// Notes the roles that a person signs in with. Whether they let the person decide otherwise than at the last sign-in: the
/// generation has to go up then.
pub async fn note(
    tx: &mut Tx,
    person: &PersonId,
    roles: &BTreeSet<Role>,
    now: Instant,
) -> Result<bool, StoreError> {
    let held: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    let before = sqlx::query_scalar!(
        r#"WITH before AS (SELECT roles && $4 AS decides FROM roles_seen WHERE person_id = $1 FOR UPDATE)
           INSERT INTO roles_seen (person_id, roles, seen_at) VALUES ($1, $2, $3)
           ON CONFLICT (person_id) DO UPDATE SET roles = excluded.roles, seen_at = excluded.seen_at
           RETURNING (SELECT decides FROM before) AS "decides?""#,
        person.as_str(),
        &held,
        now,
        &deciding()
    )
    .fetch_one(tx.conn())
    .await?;
    let decides = roles.iter().any(|role| role.may(Permission::Vote));
    let changed = before != Some(decides);
    if changed {
        sqlx::query!("UPDATE roles_seen_version SET epoch = gen_random_uuid()")
            .execute(tx.conn())
            .await?;
    }
    Ok(changed)
}

/// Of everybody who has signed in: whether their roles let them decide then.
pub async fn deciders(db: impl PgExecutor<'_>) -> Result<HashMap<PersonId, bool>, StoreError> {
    sqlx::query!(
        r#"SELECT person_id, roles && $1 AS "decides!" FROM roles_seen"#,
        &deciding()
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| Ok((person(row.person_id)?, row.decides)))
    .collect()
}

/// Who had a role when they signed in last.
pub async fn with(db: impl PgExecutor<'_>, role: Role) -> Result<BTreeSet<PersonId>, StoreError> {
    sqlx::query_scalar!(
        "SELECT person_id FROM roles_seen WHERE $1 = ANY(roles)",
        role.as_str()
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(person)
    .collect()
}

fn person(stored: String) -> Result<PersonId, StoreError> {
    let id = stored.clone();
    PersonId::new(stored).map_err(inconsistent("roles_seen", "person_id", id))
}

fn deciding() -> Vec<String> {
    Role::ALL
        .into_iter()
        .filter(|role| role.may(Permission::Vote))
        .map(|role| role.as_str().to_owned())
        .collect()
}
