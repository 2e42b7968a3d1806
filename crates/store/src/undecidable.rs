//! Items that nobody can decide.

use crate::votes::Item;
use crate::{StoreError, Tx};
use domain::window::Instant;

/// Notes that nobody can decide an item; whether that is new.
pub async fn note(tx: &mut Tx, item: Item, now: Instant) -> Result<bool, StoreError> {
    let (kind, id) = item.columns();
    let rows = sqlx::query!(
        "INSERT INTO undecidable_items (item_kind, item_id, noted_at) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT undecidable_items_pk DO NOTHING",
        kind,
        id,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
