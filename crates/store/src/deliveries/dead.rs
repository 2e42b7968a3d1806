//! What has not arrived, and is sent again.

use super::{Delivery, DeliveryRow, TABLE, readable};
use crate::error::exactly_one;
use crate::{StoreError, Tx};
use domain::id::{DeliveryId, EndpointId};
use domain::window::Instant;
use sqlx::PgExecutor;

/// What goes the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// All mail.
    Mail,
    /// All that goes to one endpoint.
    Endpoint(EndpointId),
}

/// What has not arrived: given up, or failed at least once and due again. Newest first, and the last of this page where
/// there is another one. What cannot be read is not among them.
pub async fn undelivered(
    db: impl PgExecutor<'_>,
    dead: bool,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<(Vec<Delivery>, Option<DeliveryId>), StoreError> {
    let mut rows = sqlx::query_as!(
        DeliveryRow,
        "SELECT id, channel, person_id, endpoint_id, body, digest_at, at, attempts, next_at, last_error, settled_at
         FROM deliveries
         WHERE (($1 AND state = 'dead') OR (NOT $1 AND state = 'pending' AND last_error IS NOT NULL))
           AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        dead,
        before.map(DeliveryId::uuid),
        limit + 1
    )
    .fetch_all(db)
    .await?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
    if more {
        rows.pop();
    }
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| DeliveryId::from_uuid(row.id));
    Ok((readable(rows), next))
}

/// How many deliveries there are of what has not arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Due now or later.
    pub waiting: i64,
    /// Given up.
    pub dead: i64,
}

/// Counts what has not arrived.
pub async fn waiting(db: impl PgExecutor<'_>) -> Result<Waiting, StoreError> {
    Ok(sqlx::query_as!(
        Waiting,
        r#"SELECT (SELECT count(*) FROM deliveries WHERE state = 'pending') AS "waiting!",
                  (SELECT count(*) FROM deliveries WHERE state = 'dead') AS "dead!""#
    )
    .fetch_one(db)
    .await?)
}

/// A delivery that was given up, locked until the transaction ends.
pub async fn dead_for_update(tx: &mut Tx, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    sqlx::query_as!(
        DeliveryRow,
        "SELECT id, channel, person_id, endpoint_id, body, digest_at, at, attempts, next_at, last_error, settled_at
         FROM deliveries WHERE id = $1 AND state = 'dead' FOR UPDATE",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// The oldest that were given up of those that go the same way, locked until the transaction ends.
pub async fn dead_of(tx: &mut Tx, lane: Lane, limit: i64) -> Result<Vec<Delivery>, StoreError> {
    let endpoint = match lane {
        Lane::Mail => None,
        Lane::Endpoint(id) => Some(id.uuid()),
    };
    let rows = sqlx::query_as!(
        DeliveryRow,
        "SELECT id, channel, person_id, endpoint_id, body, digest_at, at, attempts, next_at, last_error, settled_at
         FROM deliveries WHERE state = 'dead' AND endpoint_id IS NOT DISTINCT FROM $1
         ORDER BY id LIMIT $2 FOR UPDATE",
        endpoint,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(readable(rows))
}

/// Makes a delivery that was given up due again at `next_at`, with all its attempts before it and under the same id.
pub async fn resend(tx: &mut Tx, id: DeliveryId, next_at: Instant) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE deliveries SET state = 'pending', settled_at = NULL, leased_until = NULL, attempts = 0, next_at = $2
         WHERE id = $1 AND state = 'dead'",
        id.uuid(),
        next_at
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, id, rows)
}
