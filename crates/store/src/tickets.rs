//! Tickets: the last answer of their system.

use crate::{StoreError, Tx};
use domain::opt_out::TicketAnswer;
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

/// The last answers about all tickets that opt-outs name which are not over.
pub async fn answers(db: impl PgExecutor<'_>) -> Result<BTreeMap<String, TicketAnswer>, StoreError> {
    Ok(sqlx::query!(
        r#"SELECT t.ticket, t.open AS "open!", t.answered_at AS "answered_at!" FROM tickets t
           WHERE t.open IS NOT NULL AND EXISTS (SELECT FROM opt_outs o WHERE o.ticket = t.ticket
             AND o.state IN ('requested', 'in_review', 'approved', 'active', 'suspended'))"#
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let answer = TicketAnswer {
            open: row.open,
            at: row.answered_at,
        };
        (row.ticket, answer)
    })
    .collect())
}

/// The last answer about one, and why the last look-up had none.
pub async fn find(
    db: impl PgExecutor<'_>,
    ticket: &str,
) -> Result<(Option<TicketAnswer>, Option<String>), StoreError> {
    let row = sqlx::query!(
        "SELECT open, answered_at, failed FROM tickets WHERE ticket = $1",
        ticket
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map_or((None, None), |row| {
        let answer = row
            .open
            .zip(row.answered_at)
            .map(|(open, at)| TicketAnswer { open, at });
        (answer, row.failed)
    }))
}

/// Asks for a look-up at once, of a ticket that something new stands on.
pub async fn want(tx: &mut Tx, ticket: &str, now: Instant) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO tickets (ticket, due_at) VALUES ($1, $2) ON CONFLICT (ticket) DO UPDATE SET due_at = least(tickets.due_at, $2)",
        ticket,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes tickets whose look-up is due and that something stands on which is not over; until `until` nobody else takes them.
pub async fn claim_due(
    db: impl PgExecutor<'_>,
    now: Instant,
    until: Instant,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"UPDATE tickets SET due_at = $2 WHERE ticket IN (
             SELECT t.ticket FROM tickets t WHERE t.due_at <= $1 AND EXISTS (
                 SELECT FROM opt_outs o WHERE o.ticket = t.ticket
                   AND (o.state IN ('requested', 'in_review')
                     OR (o.state IN ('approved', 'active', 'suspended') AND o.ends_at > $1)))
             ORDER BY t.due_at LIMIT 100 FOR UPDATE SKIP LOCKED)
           RETURNING ticket"#,
        now,
        until
    )
    .fetch_all(db)
    .await?)
}

/// Stores an answer.
pub async fn answered(
    tx: &mut Tx,
    ticket: &str,
    answer: TicketAnswer,
    due_at: Instant,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE tickets SET open = $2, answered_at = $3, due_at = $4, failed = NULL WHERE ticket = $1",
        ticket,
        answer.open,
        answer.at,
        due_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that there was none. The last one stands and grows old.
pub async fn failed(
    db: impl PgExecutor<'_>,
    ticket: &str,
    why: &str,
    due_at: Instant,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE tickets SET failed = $2, due_at = $3 WHERE ticket = $1",
        ticket,
        why,
        due_at
    )
    .execute(db)
    .await?;
    Ok(())
}
