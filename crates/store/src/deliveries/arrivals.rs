//! Whether what was told of an emergency has arrived.

use crate::StoreError;
use crate::error::inconsistent;
use domain::id::DeliveryId;
use domain::name::PersonId;
use domain::notice::EndpointKind;
use sqlx::PgExecutor;

const TABLE: &str = "deliveries";

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// A person's mail.
    Mail(PersonId),
    /// A machine or a chat, by its name.
    Endpoint(String, EndpointKind),
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Nobody has tried yet.
    UnderWay,
    /// An attempt failed, and another one follows.
    TriedAgain,
    /// It has arrived.
    Delivered,
    /// It has not, and is not tried again by itself.
    GivenUp,
}

/// Where the news of one broken glass went, and where each stands, in the order in which they were made. `item` is what it
/// was broken for, in the outer form.
pub async fn of_break_glass(
    db: impl PgExecutor<'_>,
    item: &str,
) -> Result<Vec<(Receiver, Arrival)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.channel, d.person_id, e.name AS "endpoint?", d.state, d.last_error IS NOT NULL AS "failed!"
           FROM deliveries d LEFT JOIN notice_endpoints e ON e.id = d.endpoint_id
           WHERE d.body ->> 'kind' = 'break_glass' AND d.body #>> '{item,id}' = $1 ORDER BY d.id"#,
        item
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = DeliveryId::from_uuid(row.id);
            let receiver = match (row.person_id, row.endpoint) {
                (Some(person), None) => {
                    Receiver::Mail(PersonId::new(person).map_err(inconsistent(TABLE, "person_id", id))?)
                }
                (None, Some(name)) => Receiver::Endpoint(
                    name,
                    row.channel.parse().map_err(inconsistent(TABLE, "channel", id))?,
                ),
                (None, None) | (Some(_), Some(_)) => {
                    return Err(inconsistent(TABLE, "endpoint_id", id)(
                        "it goes nowhere, or to two places",
                    ));
                }
            };
            let arrival = match (row.state.as_str(), row.failed) {
                ("pending", false) => Arrival::UnderWay,
                ("pending", true) => Arrival::TriedAgain,
                ("delivered", _) => Arrival::Delivered,
                ("dead", _) => Arrival::GivenUp,
                (other, _) => return Err(inconsistent(TABLE, "state", id)(format!("unknown state {other}"))),
            };
            Ok((receiver, arrival))
        })
        .collect()
}
