//! What ends when somebody leaves the directory. All of it reads what [`super::change`] has just written.

use crate::error::inconsistent;
use crate::{StoreError, Tx};
use domain::id::{DelegationId, GrantId};
use domain::name::PersonId;
use domain::window::Instant;

/// A sign-in that signs nobody in any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlistedSignIn {
    /// The provider.
    pub iss: String,
    /// The id there.
    pub sub: String,
    /// Whose it was.
    pub person: PersonId,
}

/// Takes sign-ins that are not among these (`iss`, `sub`) out of the list. Returns those that were on it until now.
pub async fn unlist_others(tx: &mut Tx, listed: &[(&str, &str)]) -> Result<Vec<UnlistedSignIn>, StoreError> {
    let iss: Vec<String> = listed.iter().map(|(iss, _)| (*iss).to_owned()).collect();
    let sub: Vec<String> = listed.iter().map(|(_, sub)| (*sub).to_owned()).collect();
    let rows = sqlx::query!(
        "UPDATE sign_ins SET listed = false
          WHERE listed AND NOT EXISTS (
              SELECT FROM unnest($1::text[], $2::text[]) AS named (iss, sub)
               WHERE named.iss = sign_ins.iss AND named.sub = sign_ins.sub)
        RETURNING iss, sub, person_id",
        &iss,
        &sub,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let person =
                PersonId::new(row.person_id).map_err(inconsistent("sign_ins", "person_id", &row.sub))?;
            Ok(UnlistedSignIn {
                person,
                iss: row.iss,
                sub: row.sub,
            })
        })
        .collect()
}

/// Ends all sessions of sign-ins that are not listed. Returns whose they were, once per session.
pub async fn end_unlisted_sessions(tx: &mut Tx) -> Result<Vec<PersonId>, StoreError> {
    let ended = sqlx::query_scalar!(
        r#"DELETE FROM sessions s USING sign_ins i
            WHERE i.iss = s.iss AND i.sub = s.sub AND NOT i.listed
        RETURNING i.person_id AS "person_id!""#
    )
    .fetch_all(tx.conn())
    .await?;
    ended
        .into_iter()
        .map(|id| PersonId::new(id.clone()).map_err(inconsistent("sessions", "person_id", id)))
        .collect()
}

/// Grants of principals who are gone that are not over at `now`, locked.
pub async fn grants_of_gone(tx: &mut Tx, now: Instant) -> Result<Vec<GrantId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT g.id FROM grants g JOIN principals p ON p.kind = g.principal_kind AND p.id = g.principal_id
          WHERE p.gone AND g.ended_at IS NULL AND NOT g.end_reported AND g.ends_at > $1
          ORDER BY g.id FOR UPDATE OF g",
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(GrantId::from_uuid).collect())
}

/// Ends the delegations of and to persons who are gone. Returns which.
pub async fn end_delegations_of_gone(tx: &mut Tx, now: Instant) -> Result<Vec<DelegationId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "UPDATE delegations d SET ended_at = $1
          WHERE d.ended_at IS NULL AND d.ends_at > $1 AND EXISTS (
              SELECT FROM principals p WHERE p.kind = 'person' AND p.id IN (d.from_id, d.to_id) AND p.gone)
        RETURNING d.id",
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(DelegationId::from_uuid).collect())
}
