//! Deliveries: notices on their way over one channel each.

mod arrivals;
mod claim;
mod dead;

pub use arrivals::{Arrival, Receiver, of_break_glass};
pub use claim::{Channels, Room, Settled, claim, give_up_spent, settle};
pub use dead::{Lane, Waiting, dead_for_update, dead_of, resend, undelivered, waiting};

use crate::error::{from_json, inconsistent, to_json};
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

impl Carries {
    /// Whether it goes out before what is not, and at any hour.
    pub fn is_urgent(&self) -> bool {
        match self {
            Self::One(notice) => notice.kind.is_urgent(),
            Self::Digest(_) => false,
        }
    }
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

/// Those that this node can read. The others are left to one that can, which a newer one may be, and keep nobody waiting.
fn readable(rows: Vec<DeliveryRow>) -> Vec<Delivery> {
    rows.into_iter()
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
        .collect()
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
        let urgent = new.carries.is_urgent();
        sqlx::query!(
            "INSERT INTO deliveries (id, channel, person_kind, person_id, endpoint_id, body, digest_at, at, next_at, urgent)
             VALUES ($1, $2, CASE WHEN $3::text IS NULL THEN NULL ELSE 'person' END, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT ON CONSTRAINT deliveries_one_mail_a_day DO NOTHING",
            new.id.uuid(),
            channel,
            person,
            endpoint,
            body,
            digest_at,
            new.at,
            new.next_at,
            urgent,
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// One delivery.
pub async fn find(db: impl PgExecutor<'_>, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    sqlx::query_as!(
        DeliveryRow,
        "SELECT id, channel, person_id, endpoint_id, body, digest_at, at, attempts, next_at, last_error, settled_at
         FROM deliveries WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}
