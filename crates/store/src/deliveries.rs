//! Deliveries: notices on their way over one channel each.

mod arrivals;

pub use arrivals::{Arrival, Receiver, of_break_glass};

use crate::error::{exactly_one, from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::id::{DeliveryId, EndpointId};
use domain::name::PersonId;
use domain::notice::{EndpointKind, Notice};
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

const TABLE: &str = "deliveries";

/// Where a delivery goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// A person's mail.
    Mail(PersonId),
    /// A machine or a chat.
    Endpoint(EndpointId, EndpointKind),
}

/// What it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carries {
    /// One notice.
    One(Box<Notice>),
    /// All of a person's notices that belong to this daily mail.
    Digest(Instant),
}

/// A delivery before anybody has tried it.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// What the receiver knows it by, with every attempt.
    pub id: DeliveryId,
    /// Where to.
    pub to: To,
    /// What.
    pub carries: Carries,
    /// When it was made.
    pub at: Instant,
    /// When it is due.
    pub next_at: Instant,
}

/// A delivery as it stands.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Where to.
    pub to: To,
    /// What.
    pub carries: Carries,
    /// When it was made.
    pub at: Instant,
    /// How many attempts were begun.
    pub attempts: i32,
    /// When the next one is due, while there is one.
    pub next_at: Instant,
    /// What the last attempt failed of.
    pub last_error: Option<String>,
    /// Since when nothing more is tried.
    pub settled_at: Option<Instant>,
}

struct DeliveryRow {
    id: Uuid,
    channel: String,
    person_id: Option<String>,
    endpoint_id: Option<Uuid>,
    body: Option<serde_json::Value>,
    digest_at: Option<Instant>,
    at: Instant,
    attempts: i32,
    next_at: Instant,
    last_error: Option<String>,
    settled_at: Option<Instant>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StoreError;
    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let id = DeliveryId::from_uuid(row.id);
        let to = match (row.person_id, row.endpoint_id) {
            (Some(person), None) => {
                To::Mail(PersonId::new(person).map_err(inconsistent(TABLE, "person_id", id))?)
            }
            (None, Some(endpoint)) => To::Endpoint(
                EndpointId::from_uuid(endpoint),
                row.channel.parse().map_err(inconsistent(TABLE, "channel", id))?,
            ),
            (None, None) | (Some(_), Some(_)) => {
                return Err(inconsistent(TABLE, "endpoint_id", id)(
                    "it goes nowhere, or to two places",
                ));
            }
        };
        let carries = match (row.body, row.digest_at) {
            (Some(body), None) => Carries::One(Box::new(from_json(TABLE, "body", id, body)?)),
            (None, Some(at)) => Carries::Digest(at),
            (None, None) | (Some(_), Some(_)) => {
                return Err(inconsistent(TABLE, "body", id)(
                    "it carries nothing, or two things",
                ));
            }
        };
        Ok(Self {
            id,
            to,
            carries,
            at: row.at,
            attempts: row.attempts,
            next_at: row.next_at,
            last_error: row.last_error,
            settled_at: row.settled_at,
        })
    }
}

/// Stores deliveries. Of a person's daily mail there is one; a second one is the first.
pub async fn insert(tx: &mut Tx, deliveries: &[NewDelivery]) -> Result<(), StoreError> {
    for new in deliveries {
        let (channel, person, endpoint) = match &new.to {
            To::Mail(person) => ("mail", Some(person.as_str()), None),
            To::Endpoint(endpoint, kind) => (kind.as_str(), None, Some(endpoint.uuid())),
        };
        let (body, digest_at) = match &new.carries {
            Carries::One(notice) => (Some(to_json(TABLE, "body", notice)?), None),
            Carries::Digest(at) => (None, Some(*at)),
        };
        sqlx::query!(
            "INSERT INTO deliveries (id, channel, person_kind, person_id, endpoint_id, body, digest_at, at, next_at)
             VALUES ($1, $2, CASE WHEN $3::text IS NULL THEN NULL ELSE 'person' END, $3, $4, $5, $6, $7, $8)
             ON CONFLICT ON CONSTRAINT deliveries_one_mail_a_day DO NOTHING",
            new.id.uuid(),
            channel,
            person,
            endpoint,
            body,
            digest_at,
            new.at,
            new.next_at,
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Takes up to `most` deliveries that are due, for this node alone until `leased_until`. An attempt counts from here on:
/// one that takes its node down with it is not repeated for ever.
///
/// What this node cannot read is left to its lease: a newer one may have written it, and must not keep the others waiting.
pub async fn claim(
    db: impl PgExecutor<'_>,
    most: i64,
    now: Instant,
    leased_until: Instant,
) -> Result<Vec<Delivery>, StoreError> {
    let rows = sqlx::query_as!(
        DeliveryRow,
        "WITH due AS (
             SELECT id FROM deliveries
             WHERE state = 'pending' AND next_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
             ORDER BY next_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
         UPDATE deliveries d SET attempts = d.attempts + 1, leased_until = $2 FROM due WHERE d.id = due.id
         RETURNING d.id, d.channel, d.person_id, d.endpoint_id, d.body, d.digest_at, d.at, d.attempts, d.next_at,
             d.last_error, d.settled_at",
        now,
        leased_until,
        most
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let read = Delivery::try_from(row);
            if let Err(error) = &read {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "a delivery cannot be read"
                );
            }
            read.ok()
        })
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

/// What has not arrived: given up, or failed at least once and due again. Newest first.
pub async fn undelivered(
    db: impl PgExecutor<'_>,
    dead: bool,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    sqlx::query_as!(
        DeliveryRow,
        "SELECT id, channel, person_id, endpoint_id, body, digest_at, at, attempts, next_at, last_error, settled_at
         FROM deliveries
         WHERE (($1 AND state = 'dead') OR (NOT $1 AND state = 'pending' AND last_error IS NOT NULL))
           AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        dead,
        before.map(DeliveryId::uuid),
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
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

/// Makes a delivery that was given up due again, with all its attempts before it and under the same id.
pub async fn resend(tx: &mut Tx, id: DeliveryId, now: Instant) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE deliveries SET state = 'pending', settled_at = NULL, leased_until = NULL, attempts = 0, next_at = $2
         WHERE id = $1 AND state = 'dead'",
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, id, rows)
}

/// The endpoint that a delivery goes to, if it goes to one.
pub async fn endpoint_of(db: impl PgExecutor<'_>, id: DeliveryId) -> Result<Option<EndpointId>, StoreError> {
    let found = sqlx::query_scalar!("SELECT endpoint_id FROM deliveries WHERE id = $1", id.uuid())
        .fetch_optional(db)
        .await?;
    Ok(found.flatten().map(EndpointId::from_uuid))
}
