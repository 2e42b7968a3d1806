//! Which person an identity of the provider belongs to.

use chrono::{DateTime, Utc};
use domain::name::PersonId;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

use crate::StoreError;
use crate::error::inconsistent;

/// The person that a sign-in is linked to, and a note that it was used. Nothing when it is linked to nobody, to somebody
/// who is gone, or is not in the directory any more.
pub async fn person_of(
    executor: impl PgExecutor<'_>,
    iss: &str,
    sub: &str,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, StoreError> {
    let person = sqlx::query_scalar!(
        "UPDATE sign_ins SET last_signed_in_at = $3
          WHERE iss = $1 AND sub = $2 AND listed
            AND EXISTS (SELECT FROM principals p WHERE p.kind = 'person' AND p.id = sign_ins.person_id AND NOT p.gone)
        RETURNING person_id",
        iss,
        sub,
        now,
    )
    .fetch_optional(executor)
    .await?;
    person
        .map(PersonId::new)
        .transpose()
        .map_err(inconsistent("sign_ins", "person_id", sub))
}

/// Whose each sign-in is that the directory lists, by (issuer, subject).
pub async fn linked(
    executor: impl PgExecutor<'_>,
) -> Result<BTreeMap<(String, String), PersonId>, StoreError> {
    sqlx::query!("SELECT iss, sub, person_id FROM sign_ins WHERE listed")
        .fetch_all(executor)
        .await?
        .into_iter()
        .map(|row| {
            let person =
                PersonId::new(row.person_id).map_err(inconsistent("sign_ins", "person_id", &row.sub))?;
            Ok(((row.iss, row.sub), person))
        })
        .collect()
}

/// Links a sign-in to a person, as the directory says. `false` when it is linked to somebody already: moving a sign-in
/// from one person to another would hand over a vote, and is no part of loading a directory.
pub async fn link(
    executor: impl PgExecutor<'_>,
    iss: &str,
    sub: &str,
    person: &PersonId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let linked = sqlx::query_scalar!(
        r#"INSERT INTO sign_ins (iss, sub, person_id, linked_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (iss, sub) DO UPDATE SET listed = sign_ins.listed OR sign_ins.person_id = excluded.person_id
           RETURNING person_id = $3 AS "ours!""#,
        iss,
        sub,
        person.as_str(),
        now,
    )
    .fetch_one(executor)
    .await?;
    Ok(linked)
}
