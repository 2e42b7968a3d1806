//! Signals: which opt-outs a source has opened, and its alarms.

use crate::error::{exactly_one, inconsistent};
use crate::{StoreError, Tx};
use domain::id::{ClientId, OptOutId};
use domain::name::PersonId;
use domain::principal::PrincipalRef;
use domain::signal::SignalRef;
use domain::window::Instant;
use sqlx::PgExecutor;

/// A signal as it is stored beside its opt-out.
#[derive(Debug, Clone)]
pub struct Stored {
    /// What it opened.
    pub opt_out: OptOutId,
    /// Who has confirmed it, and when.
    pub confirmed: Option<(PersonId, Instant)>,
}

/// Waits until no other transaction counts this source's signals.
pub async fn count_alone(tx: &mut Tx, client: ClientId) -> Result<(), StoreError> {
    sqlx::query!(r#"SELECT count_signals($1)::text AS "done""#, client.uuid())
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// How many a source has opened since an instant.
pub async fn opened_since(tx: &mut Tx, client: ClientId, since: Instant) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM signals WHERE client_id = $1 AND opened_at > $2"#,
        client.uuid(),
        since
    )
    .fetch_one(tx.conn())
    .await?)
}

/// How many of a source's are in force at `now`.
pub async fn in_force(tx: &mut Tx, client: ClientId, now: Instant) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM opt_outs
           WHERE opened_by_client = $1 AND state = 'active' AND ends_at > $2"#,
        client.uuid(),
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Stores a new one.
pub async fn insert(
    tx: &mut Tx,
    opt_out: OptOutId,
    signal: &SignalRef,
    principal: &PrincipalRef,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO signals (opt_out_id, client_id, source_id, principal_kind, principal_id, opened_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        opt_out.uuid(),
        signal.client.uuid(),
        signal.source_id,
        principal.kind.as_str(),
        principal.id,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What a source has opened under its own id.
pub async fn find_by_source(
    db: impl PgExecutor<'_>,
    client: ClientId,
    source_id: &str,
) -> Result<Option<OptOutId>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT opt_out_id FROM signals WHERE client_id = $1 AND source_id = $2",
        client.uuid(),
        source_id
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(OptOutId::from_uuid))
}

/// The newest that a source has open about a principal at `now`.
pub async fn open_about(
    tx: &mut Tx,
    client: ClientId,
    principal: &PrincipalRef,
    now: Instant,
) -> Result<Vec<OptOutId>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT s.opt_out_id FROM signals s JOIN opt_outs o ON o.id = s.opt_out_id
         WHERE s.client_id = $1 AND s.principal_kind = $2 AND s.principal_id = $3
           AND o.state = 'active' AND o.ends_at > $4
         ORDER BY s.opt_out_id",
        client.uuid(),
        principal.kind.as_str(),
        principal.id,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(OptOutId::from_uuid).collect())
}

/// The signal that opened an opt-out.
pub async fn of_opt_out(db: impl PgExecutor<'_>, opt_out: OptOutId) -> Result<Option<Stored>, StoreError> {
    sqlx::query!(
        "SELECT confirmer_id, confirmed_at FROM signals WHERE opt_out_id = $1",
        opt_out.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(|row| {
        let confirmed = match (row.confirmer_id, row.confirmed_at) {
            (Some(person), Some(at)) => {
                let person =
                    PersonId::new(person).map_err(inconsistent("signals", "confirmer_id", opt_out))?;
                Some((person, at))
            }
            _ => None,
        };
        Ok(Stored { opt_out, confirmed })
    })
    .transpose()
}

/// The opt-outs in force at `now` that nobody has confirmed, the soonest to end first.
pub async fn unconfirmed(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<OptOutId>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT s.opt_out_id FROM signals s JOIN opt_outs o ON o.id = s.opt_out_id
         WHERE s.confirmer_id IS NULL AND o.state = 'active' AND o.ends_at > $1
         ORDER BY o.ends_at, o.id",
        now
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().map(OptOutId::from_uuid).collect())
}

/// Notes that a person agrees; once.
pub async fn confirm(
    tx: &mut Tx,
    opt_out: OptOutId,
    person: &PersonId,
    now: Instant,
) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE signals SET confirmer_id = $2, confirmed_at = $3 WHERE opt_out_id = $1 AND confirmer_id IS NULL",
        opt_out.uuid(),
        person.as_str(),
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one("signals", opt_out, rows)
}

/// Notes an alarm of a source, unless there was one since `since`; says whether it is new.
pub async fn alarm(tx: &mut Tx, client: ClientId, since: Instant, now: Instant) -> Result<bool, StoreError> {
    let rows = sqlx::query!(
        "INSERT INTO signal_alarms (client_id, at)
         SELECT $1, $3 WHERE NOT EXISTS (SELECT FROM signal_alarms WHERE client_id = $1 AND at > $2)",
        client.uuid(),
        since,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
