//! Which roles people had at their last sign-in. It says whom to tell, never who may do what.

use crate::error::inconsistent;
use crate::{StoreError, Tx};
use domain::name::PersonId;
use domain::role::Role;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeSet;

/// Notes the roles that a person signs in with.
pub async fn note(
    tx: &mut Tx,
    person: &PersonId,
    roles: &BTreeSet<Role>,
    now: Instant,
) -> Result<(), StoreError> {
    let roles: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query!(
        "INSERT INTO roles_seen (person_id, roles, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (person_id) DO UPDATE SET roles = excluded.roles, seen_at = excluded.seen_at",
        person.as_str(),
        &roles,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
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
    .map(|person| {
        let id = person.clone();
        PersonId::new(person).map_err(inconsistent("roles_seen", "person_id", id))
    })
    .collect()
}
