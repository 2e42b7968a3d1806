//! What follows from the clock and has not been told yet. The marks and when they are due come from `domain::notice`.

use crate::{StoreError, Tx};
use domain::notice::EndingMark;
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

/// How many are told at once.
const MOST: i64 = 100;

/// Something to tell of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// `access_request`, `grant`, `opt_out` or `post_review`.
    pub item_kind: String,
    /// Which.
    pub item: Uuid,
    /// All marks that are due by now. They are told as one: after an outage nobody is reminded twice in a row.
    pub marks: Vec<String>,
}

/// Pending items of whose time these percentages are over. A suspended opt-out that somebody wants back waits from when it
/// was asked for again, and each time that it is has marks of its own.
pub async fn due_reminders(
    db: impl PgExecutor<'_>,
    percents: &[i32],
    now: Instant,
) -> Result<Vec<Due>, StoreError> {
    Ok(sqlx::query_as!(
        Due,
        r#"WITH pending AS (
             SELECT 'opt_out' AS kind, id, requested_at AS since, lapses_at AS until, '' AS round FROM opt_outs
             WHERE state IN ('requested', 'in_review') AND lapses_at > $2
             UNION ALL
             SELECT 'opt_out', o.id, (r.body #>> '{conditions,suspension,asked,at}')::timestamptz, o.lapses_at, '_' || o.round
             FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
             WHERE o.state = 'suspended' AND o.round > 0 AND o.lapses_at > $2 AND o.ends_at > $2
               AND r.body #>> '{conditions,suspension,asked,at}' IS NOT NULL
             UNION ALL
             SELECT 'access_request', id, requested_at, expires_at, '' FROM access_requests
             WHERE state IN ('submitted', 'in_review') AND expires_at > $2)
           SELECT p.kind AS "item_kind!", p.id AS "item!",
               array_agg('reminder_' || m.percent || p.round ORDER BY m.percent) AS "marks!"
           FROM pending p CROSS JOIN unnest($1::integer[]) AS m (percent)
           WHERE p.since + (p.until - p.since) * (m.percent / 100.0) <= $2
             AND NOT EXISTS
                 (SELECT FROM notices_told t WHERE t.item_id = p.id AND t.mark = 'reminder_' || m.percent || p.round)
           GROUP BY p.kind, p.id ORDER BY p.id LIMIT $3"#,
        percents,
        now,
        MOST
    )
    .fetch_all(db)
    .await?)
}

/// Suspended opt-outs that somebody wanted back and nobody put back in time; those of the last day.
pub async fn due_lapses_again(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Due>, StoreError> {
    Ok(sqlx::query_as!(
        Due,
        r#"SELECT 'opt_out' AS "item_kind!", o.id AS "item!", ARRAY['lapsed_' || o.round] AS "marks!"
           FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
           WHERE o.state = 'suspended' AND o.round > 0 AND o.lapses_at <= $1 AND o.lapses_at > $1 - interval '1 day'
             AND o.ends_at > $1 AND r.body #>> '{conditions,suspension,asked,at}' IS NOT NULL
             AND NOT EXISTS (SELECT FROM notices_told t WHERE t.item_id = o.id AND t.mark = 'lapsed_' || o.round)
           ORDER BY o.id LIMIT $2"#,
        now,
        MOST
    )
    .fetch_all(db)
    .await?)
}

/// What is in force and ends within these marks.
pub async fn due_endings(
    db: impl PgExecutor<'_>,
    marks: &[EndingMark],
    now: Instant,
) -> Result<Vec<Due>, StoreError> {
    let names: Vec<String> = marks.iter().map(|mark| mark.name.to_owned()).collect();
    let before: Vec<i64> = marks.iter().map(|mark| mark.before_secs).collect();
    let at_least: Vec<i64> = marks.iter().map(|mark| mark.at_least_secs).collect();
    let shorter: Vec<i64> = marks.iter().map(|mark| mark.shorter_than_secs).collect();
    Ok(sqlx::query_as!(
        Due,
        r#"WITH standing AS (
             SELECT 'opt_out' AS kind, id, starts_at, ends_at FROM opt_outs
             WHERE state IN ('approved', 'active', 'suspended') AND starts_at <= $5 AND ends_at > $5
               AND (max_uses IS NULL OR uses < max_uses)
             UNION ALL
             SELECT 'grant', id, starts_at, ends_at FROM grants
             WHERE ended_at IS NULL AND starts_at <= $5 AND ends_at > $5)
           SELECT s.kind AS "item_kind!", s.id AS "item!", array_agg(m.name ORDER BY m.before_secs) AS "marks!"
           FROM standing s CROSS JOIN unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
             AS m (name, before_secs, at_least_secs, shorter_than_secs)
           WHERE extract(epoch FROM s.ends_at - $5) <= m.before_secs
             AND extract(epoch FROM s.ends_at - s.starts_at) >= m.at_least_secs
             AND extract(epoch FROM s.ends_at - s.starts_at) < m.shorter_than_secs
             AND NOT EXISTS (SELECT FROM notices_told t WHERE t.item_id = s.id AND t.mark = m.name)
           GROUP BY s.kind, s.id ORDER BY s.id LIMIT $6"#,
        &names,
        &before,
        &at_least,
        &shorter,
        now,
        MOST
    )
    .fetch_all(db)
    .await?)
}

/// Opt-outs that have applied to a decision and are in force, or were within the last day: one use may be all that there
/// is, and the opt-out spent by it.
pub async fn due_first_uses(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Due>, StoreError> {
    Ok(sqlx::query_as!(
        Due,
        r#"SELECT 'opt_out' AS "item_kind!", o.id AS "item!", ARRAY['first_use'] AS "marks!" FROM opt_outs o
           WHERE o.starts_at <= $1 AND o.ends_at > $1 - interval '1 day'
             AND NOT EXISTS (SELECT FROM notices_told t WHERE t.item_id = o.id AND t.mark = 'first_use')
             AND EXISTS (SELECT FROM opt_out_uses u WHERE u.opt_out_id = o.id)
           ORDER BY o.id LIMIT $2"#,
        now,
        MOST
    )
    .fetch_all(db)
    .await?)
}

/// Opt-outs in force that have spent this percentage of their uses, and not all of them.
pub async fn due_most_used(
    db: impl PgExecutor<'_>,
    percent: i32,
    now: Instant,
) -> Result<Vec<Due>, StoreError> {
    Ok(sqlx::query_as!(
        Due,
        r#"SELECT 'opt_out' AS "item_kind!", o.id AS "item!", ARRAY['most_used'] AS "marks!" FROM opt_outs o
           WHERE o.state IN ('approved', 'active') AND o.starts_at <= $2 AND o.ends_at > $2
             AND o.uses < o.max_uses AND o.uses::bigint * 100 >= o.max_uses::bigint * $1::integer
             AND NOT EXISTS (SELECT FROM notices_told t WHERE t.item_id = o.id AND t.mark = 'most_used')
           ORDER BY o.id LIMIT $3"#,
        percent,
        now,
        MOST
    )
    .fetch_all(db)
    .await?)
}

/// Reviews that nobody has concluded in time.
pub async fn due_overdue_reviews(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Due>, StoreError> {
    Ok(sqlx::query_as!(
        Due,
        r#"SELECT 'post_review' AS "item_kind!", r.id AS "item!", ARRAY['review_overdue'] AS "marks!" FROM post_reviews r
           WHERE r.state = 'owed' AND r.due_at <= $1
             AND NOT EXISTS (SELECT FROM notices_told t WHERE t.item_id = r.id AND t.mark = 'review_overdue')
           ORDER BY r.id LIMIT $2"#,
        now,
        MOST
    )
    .fetch_all(db)
    .await?)
}

/// Notes that a mark of an item is told, where it is told at once; whether it was new.
pub async fn mark_one_told(tx: &mut Tx, item: Uuid, mark: &str, now: Instant) -> Result<bool, StoreError> {
    let due = Due {
        item_kind: String::new(),
        item,
        marks: vec![mark.to_owned()],
    };
    mark_told(tx, &due, now).await
}

/// Notes that these marks are told; whether any of them was new. Of several nodes at once, one is told so.
pub async fn mark_told(tx: &mut Tx, due: &Due, now: Instant) -> Result<bool, StoreError> {
    let rows = sqlx::query!(
        "INSERT INTO notices_told (item_id, mark, at) SELECT $1, mark, $3 FROM unnest($2::text[]) AS m (mark)
         ON CONFLICT DO NOTHING",
        due.item,
        &due.marks,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows > 0)
}
