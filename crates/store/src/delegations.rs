//! Who decides in another's place.

use crate::error::{from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::approval::Delegation;
use domain::id::DelegationId;
use domain::name::PersonId;
use domain::window::{Instant, Window};
use sqlx::PgExecutor;
use uuid::Uuid;

const TABLE: &str = "delegations";

struct DelegationRow {
    id: Uuid,
    from_id: String,
    to_id: String,
    starts_at: Instant,
    ends_at: Instant,
    reason: String,
    scope: serde_json::Value,
    made_at: Instant,
    ended_at: Option<Instant>,
}

impl TryFrom<DelegationRow> for Delegation {
    type Error = StoreError;
    fn try_from(row: DelegationRow) -> Result<Self, StoreError> {
        let id = DelegationId::from_uuid(row.id);
        Ok(Self {
            id,
            from: PersonId::new(row.from_id).map_err(inconsistent(TABLE, "from_id", id))?,
            to: PersonId::new(row.to_id).map_err(inconsistent(TABLE, "to_id", id))?,
            window: Window::new(row.starts_at, row.ends_at).map_err(inconsistent(TABLE, "ends_at", id))?,
            reason: row.reason,
            scope: from_json(TABLE, "scope", id, row.scope)?,
            made_at: row.made_at,
            ended_at: row.ended_at,
        })
    }
}

fn all(rows: Vec<DelegationRow>) -> Result<Vec<Delegation>, StoreError> {
    rows.into_iter().map(Delegation::try_from).collect()
}

/// Stores a new one.
pub async fn insert(tx: &mut Tx, delegation: &Delegation) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO delegations (id, from_id, to_id, starts_at, ends_at, reason, scope, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        delegation.id.uuid(),
        delegation.from.as_str(),
        delegation.to.as_str(),
        delegation.window.starts_at(),
        delegation.window.ends_at(),
        delegation.reason,
        to_json(TABLE, "scope", &delegation.scope)?,
        delegation.made_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One.
pub async fn find(db: impl PgExecutor<'_>, id: DelegationId) -> Result<Option<Delegation>, StoreError> {
    sqlx::query_as!(
        DelegationRow,
        "SELECT id, from_id, to_id, starts_at, ends_at, reason, scope, made_at, ended_at FROM delegations WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(Delegation::try_from)
    .transpose()
}

/// Those by which a person decides now, the oldest first.
pub async fn active_to(
    db: impl PgExecutor<'_>,
    to: &PersonId,
    now: Instant,
) -> Result<Vec<Delegation>, StoreError> {
    all(sqlx::query_as!(
        DelegationRow,
        "SELECT id, from_id, to_id, starts_at, ends_at, reason, scope, made_at, ended_at FROM delegations
         WHERE to_id = $1 AND starts_at <= $2 AND ends_at > $2 AND (ended_at IS NULL OR ended_at > $2)
         ORDER BY id",
        to.as_str(),
        now
    )
    .fetch_all(db)
    .await?)
}

/// The same, held until the vote that goes by them commits: whoever ends one waits for it, or has ended it before.
pub async fn held_to(tx: &mut Tx, to: &PersonId, now: Instant) -> Result<Vec<Delegation>, StoreError> {
    all(sqlx::query_as!(
        DelegationRow,
        "SELECT id, from_id, to_id, starts_at, ends_at, reason, scope, made_at, ended_at FROM delegations
         WHERE to_id = $1 AND starts_at <= $2 AND ends_at > $2 AND (ended_at IS NULL OR ended_at > $2)
         ORDER BY id FOR SHARE",
        to.as_str(),
        now
    )
    .fetch_all(tx.conn())
    .await?)
}

/// All that count now.
pub async fn active(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Delegation>, StoreError> {
    all(sqlx::query_as!(
        DelegationRow,
        "SELECT id, from_id, to_id, starts_at, ends_at, reason, scope, made_at, ended_at FROM delegations
         WHERE starts_at <= $1 AND ends_at > $1 AND (ended_at IS NULL OR ended_at > $1)
         ORDER BY id",
        now
    )
    .fetch_all(db)
    .await?)
}

/// Those of and to a person, the newest first.
pub async fn of(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    most: i64,
) -> Result<Vec<Delegation>, StoreError> {
    all(sqlx::query_as!(
        DelegationRow,
        "SELECT id, from_id, to_id, starts_at, ends_at, reason, scope, made_at, ended_at FROM delegations
         WHERE from_id = $1 OR to_id = $1 ORDER BY id DESC LIMIT $2",
        person.as_str(),
        most
    )
    .fetch_all(db)
    .await?)
}

/// Everybody's, the newest first.
pub async fn list(db: impl PgExecutor<'_>, most: i64) -> Result<Vec<Delegation>, StoreError> {
    all(sqlx::query_as!(
        DelegationRow,
        "SELECT id, from_id, to_id, starts_at, ends_at, reason, scope, made_at, ended_at FROM delegations
         ORDER BY id DESC LIMIT $1",
        most
    )
    .fetch_all(db)
    .await?)
}

/// Waits until no other transaction counts this person's own: two at once would each not see the other's. Those of two
/// persons wait for each other only where their names hash alike.
pub async fn count_alone(tx: &mut Tx, from: &PersonId) -> Result<(), StoreError> {
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(hashtextextended('delegations of ' || $1, 0))::text AS "done""#,
        from.as_str()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// How many of a person's own are not over.
pub async fn standing_of(db: impl PgExecutor<'_>, from: &PersonId, now: Instant) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM delegations WHERE from_id = $1 AND ends_at > $2 AND ended_at IS NULL"#,
        from.as_str(),
        now
    )
    .fetch_one(db)
    .await?)
}

/// Ends one; false where it was ended before. It waits for votes that go by it.
pub async fn end(tx: &mut Tx, id: DelegationId, by: &PersonId, now: Instant) -> Result<bool, StoreError> {
    let rows = sqlx::query!(
        "UPDATE delegations SET ended_at = $2, ender_id = $3 WHERE id = $1 AND ended_at IS NULL",
        id.uuid(),
        now,
        by.as_str()
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
