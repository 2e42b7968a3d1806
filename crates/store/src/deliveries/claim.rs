//! Deliveries are taken by one node at a time, and settled.

use super::{Delivery, DeliveryRow, readable};
use crate::StoreError;
use domain::id::{DeliveryId, EndpointId};
use domain::window::Instant;
use sqlx::PgExecutor;

/// How many are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// In all.
    pub most: i64,
    /// Under way to one endpoint, or as mail, on all nodes together: a receiver that is slow keeps no other waiting.
    pub per_lane: i64,
}

/// What a node can send. The rest is left to one that can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels {
    /// It has a mail server.
    pub mail: bool,
    /// It has the key to addresses of endpoints.
    pub endpoints: bool,
}

/// Takes deliveries that are due, what is urgent first, for this node alone until `leased_until`. An attempt counts from
/// here on: one that takes its node down with it is not repeated for ever.
///
/// What this node cannot read is left to its lease: a newer one may have written it, and must not keep the others waiting.
pub async fn claim(
    db: impl PgExecutor<'_>,
    room: Room,
    channels: Channels,
    now: Instant,
    leased_until: Instant,
) -> Result<Vec<Delivery>, StoreError> {
    // Of two nodes at once, each sees the same first places: what the other has locked is passed over, and what it has
    // taken meanwhile no longer fits the condition, which is asked again of the row as it stands.
    let rows = sqlx::query_as!(
        DeliveryRow,
        "WITH held AS (
             SELECT coalesce(endpoint_id::text, channel) AS lane, count(*) AS held FROM deliveries
             WHERE state = 'pending' AND leased_until > $1 GROUP BY 1),
         due AS (
             SELECT d.id, coalesce(h.held, 0)
                 + row_number() OVER (PARTITION BY coalesce(d.endpoint_id::text, d.channel)
                                      ORDER BY d.urgent DESC, d.next_at, d.id) AS place
             FROM deliveries d LEFT JOIN held h ON h.lane = coalesce(d.endpoint_id::text, d.channel)
             WHERE d.state = 'pending' AND d.next_at <= $1 AND (d.leased_until IS NULL OR d.leased_until <= $1)
               AND CASE WHEN d.channel = 'mail' THEN $5::boolean ELSE $6::boolean END),
         taken AS (
             SELECT d.id FROM deliveries d JOIN due ON due.id = d.id
             WHERE due.place <= $4 AND d.state = 'pending' AND (d.leased_until IS NULL OR d.leased_until <= $1)
             ORDER BY d.urgent DESC, d.next_at, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED)
         UPDATE deliveries d SET attempts = d.attempts + 1, leased_until = $2 FROM taken WHERE d.id = taken.id
         RETURNING d.id, d.channel, d.person_id, d.endpoint_id, d.body, d.digest_at, d.at, d.attempts, d.next_at,
             d.last_error, d.settled_at",
        now,
        leased_until,
        room.most,
        room.per_lane,
        channels.mail,
        channels.endpoints,
    )
    .fetch_all(db)
    .await?;
    let mut taken = readable(rows);
    // An update returns its rows in no order.
    taken.sort_by_key(|one| (!one.carries.is_urgent(), one.next_at, one.id));
    Ok(taken)
}

/// Gives up what was begun `most` times and never came back: whatever it does to its node, it is not repeated for ever.
/// Returns where each was to go; none: as mail.
pub async fn give_up_spent(
    db: impl PgExecutor<'_>,
    most: i32,
    error: &str,
    now: Instant,
) -> Result<Vec<Option<EndpointId>>, StoreError> {
    let spent = sqlx::query_scalar!(
        "UPDATE deliveries SET state = 'dead', last_error = coalesce(last_error, $3), settled_at = $1, leased_until = NULL
         WHERE state = 'pending' AND attempts >= $2 AND next_at <= $1 AND leased_until <= $1
         RETURNING endpoint_id",
        now,
        most,
        error,
    )
    .fetch_all(db)
    .await?;
    Ok(spent
        .into_iter()
        .map(|endpoint| endpoint.map(EndpointId::from_uuid))
        .collect())
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It has arrived.
    Delivered,
    /// It is tried again.
    Again {
        /// When.
        at: Instant,
        /// What it failed of.
        error: String,
    },
    /// It is not tried again.
    Dead {
        /// What it failed of.
        error: String,
    },
}

/// Notes what came of an attempt; whether it still was the latest one. Where its lease ran out and another node has begun
/// the next attempt, that one has the say.
pub async fn settle(
    db: impl PgExecutor<'_>,
    id: DeliveryId,
    attempt: i32,
    settled: &Settled,
    now: Instant,
) -> Result<bool, StoreError> {
    let (state, next_at, error, settled_at) = match settled {
        Settled::Delivered => ("delivered", None, None, Some(now)),
        Settled::Again { at, error } => ("pending", Some(*at), Some(error.as_str()), None),
        Settled::Dead { error } => ("dead", None, Some(error.as_str()), Some(now)),
    };
    let rows = sqlx::query!(
        "UPDATE deliveries
         SET state = $3, next_at = coalesce($4, next_at), last_error = $5, settled_at = $6, leased_until = NULL
         WHERE id = $1 AND attempts = $2 AND state = 'pending'",
        id.uuid(),
        attempt,
        state,
        next_at,
        error,
        settled_at
    )
    .execute(db)
    .await?
    .rows_affected();
    Ok(rows == 1)
}
