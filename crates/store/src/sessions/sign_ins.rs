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

/// Links sign-ins (issuer, subject, person) as the directory says. Returns the subject and the person of the first that is
/// linked to somebody else: moving a sign-in from one person to another would hand over a vote, and is no part of loading a
/// directory.
pub async fn link(
    executor: impl PgExecutor<'_>,
    sign_ins: &[(&str, &str, &PersonId)],
    now: DateTime<Utc>,
) -> Result<Option<(String, PersonId)>, StoreError> {
    let iss: Vec<String> = sign_ins.iter().map(|(iss, _, _)| (*iss).to_owned()).collect();
    let sub: Vec<String> = sign_ins.iter().map(|(_, sub, _)| (*sub).to_owned()).collect();
    let person: Vec<String> = sign_ins.iter().map(|(_, _, person)| person.to_string()).collect();
    let others = sqlx::query!(
        r#"WITH linked AS (
               INSERT INTO sign_ins (iss, sub, person_id, linked_at)
               SELECT iss, sub, person, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS new (iss, sub, person)
               ON CONFLICT (iss, sub) DO UPDATE SET listed = sign_ins.listed OR sign_ins.person_id = excluded.person_id
               RETURNING iss, sub, person_id)
           SELECT n.sub AS "sub!", n.person AS "person!"
             FROM unnest($1::text[], $2::text[], $3::text[]) AS n (iss, sub, person)
             JOIN linked l ON l.iss = n.iss AND l.sub = n.sub AND l.person_id <> n.person
            ORDER BY 1 LIMIT 1"#,
        &iss,
        &sub,
        &person,
        now,
    )
    .fetch_optional(executor)
    .await?;
    others
        .map(|row| {
            let person =
                PersonId::new(row.person).map_err(inconsistent("sign_ins", "person_id", &row.sub))?;
            Ok((row.sub, person))
        })
        .transpose()
}
