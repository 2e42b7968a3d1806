//! When the next list joins the stage that waits.

use crate::votes::Item;
use crate::{StoreError, Tx};
use domain::window::Instant;
use uuid::Uuid;

/// Notes when an item escalates next, or that it does not.
pub async fn set(tx: &mut Tx, item: Item, due_at: Option<Instant>) -> Result<(), StoreError> {
    let (kind, id) = item.columns();
    match due_at {
        Some(due_at) => {
            sqlx::query!(
                "INSERT INTO escalations (item_kind, item_id, due_at) VALUES ($1, $2, $3)
                 ON CONFLICT ON CONSTRAINT escalations_pk DO UPDATE SET due_at = excluded.due_at",
                kind,
                id,
                due_at
            )
            .execute(tx.conn())
            .await?
        }
        None => {
            sqlx::query!(
                "DELETE FROM escalations WHERE item_kind = $1 AND item_id = $2",
                kind,
                id
            )
            .execute(tx.conn())
            .await?
        }
    };
    Ok(())
}

/// Items that are due, the longest due first: their kinds and UUIDs. They are neither locked nor taken: whoever handles
/// one locks the item first and looks again.
pub async fn due(
    db: impl sqlx::PgExecutor<'_>,
    now: Instant,
    most: i64,
) -> Result<Vec<(String, Uuid)>, StoreError> {
    Ok(sqlx::query!(
        "SELECT item_kind, item_id FROM escalations WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
        now,
        most
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| (row.item_kind, row.item_id))
    .collect())
}

/// Makes all pending items due now, those that are asked again included: who can decide them may have changed. A suspended
/// one that nobody has asked for again is looked at for nothing, which costs less than knowing it here.
pub async fn look_again(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO escalations (item_kind, item_id, due_at)
         SELECT 'access_request', id, $1::timestamptz FROM access_requests
             WHERE state IN ('submitted', 'in_review') AND expires_at > $1
         UNION ALL
         SELECT 'opt_out', id, $1::timestamptz FROM opt_outs
             WHERE (state IN ('requested', 'in_review') AND lapses_at > $1)
                OR (state = 'suspended' AND ends_at > $1)
         ON CONFLICT ON CONSTRAINT escalations_pk DO UPDATE SET due_at = least(escalations.due_at, excluded.due_at)",
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
