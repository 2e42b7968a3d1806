//! What each person was told.

use crate::error::{from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::id::NoticeId;
use domain::name::PersonId;
use domain::notice::{Notice, NoticeKind};
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;
use uuid::Uuid;

const TABLE: &str = "notices";

/// A notice for one person.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// Its id.
    pub id: NoticeId,
    /// Whom it is for.
    pub person: PersonId,
    /// What it says.
    pub notice: Notice,
    /// The daily mail that it belongs to.
    pub digest_at: Option<Instant>,
}

/// A notice as its reader has it.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its id.
    pub id: NoticeId,
    /// What it says.
    pub notice: Notice,
    /// When it was read.
    pub read_at: Option<Instant>,
}

/// Stores notices, all or none.
pub async fn insert(tx: &mut Tx, notices: &[NewNotice]) -> Result<(), StoreError> {
    let mut ids = Vec::with_capacity(notices.len());
    let mut persons = Vec::with_capacity(notices.len());
    let mut kinds = Vec::with_capacity(notices.len());
    let mut item_kinds = Vec::with_capacity(notices.len());
    let mut item_ids = Vec::with_capacity(notices.len());
    let mut bodies = Vec::with_capacity(notices.len());
    let mut ats = Vec::with_capacity(notices.len());
    let mut digests = Vec::with_capacity(notices.len());
    for new in notices {
        ids.push(new.id.uuid());
        persons.push(new.person.to_string());
        kinds.push(new.notice.kind.as_str().to_owned());
        item_kinds.push(new.notice.item.kind().to_owned());
        item_ids.push(new.notice.item.id());
        bodies.push(to_json(TABLE, "body", &new.notice)?);
        ats.push(new.notice.at);
        digests.push(new.digest_at);
    }
    sqlx::query!(
        "INSERT INTO notices (id, person_id, kind, item_kind, item_id, body, at, digest_at)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[],
             $8::timestamptz[])",
        &ids,
        &persons,
        &kinds,
        &item_kinds,
        &item_ids,
        &bodies,
        &ats,
        &digests as &[Option<Instant>],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn told(id: Uuid, body: serde_json::Value, read_at: Option<Instant>) -> Result<Told, StoreError> {
    Ok(Told {
        id: NoticeId::from_uuid(id),
        notice: from_json(TABLE, "body", NoticeId::from_uuid(id), body)?,
        read_at,
    })
}

/// A page of a person's notices, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    before: Option<NoticeId>,
    limit: i64,
) -> Result<Vec<Told>, StoreError> {
    sqlx::query!(
        "SELECT id, body, read_at FROM notices
         WHERE person_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        person.as_str(),
        before.map(NoticeId::uuid),
        limit
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| told(row.id, row.body, row.read_at))
    .collect()
}

/// Who was told this of an item, and whether they have read it.
pub async fn readers_of(
    db: impl PgExecutor<'_>,
    item: &str,
    kind: NoticeKind,
) -> Result<BTreeMap<PersonId, bool>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, person_id, read_at IS NOT NULL AS "read!" FROM notices WHERE item_id = $1 AND kind = $2"#,
        item,
        kind.as_str()
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let person = PersonId::new(row.person_id).map_err(inconsistent(
                TABLE,
                "person_id",
                NoticeId::from_uuid(row.id),
            ))?;
            Ok((person, row.read))
        })
        .collect()
}

/// How many a person has not read; counted up to a hundred.
pub async fn unread(db: impl PgExecutor<'_>, person: &PersonId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM
             (SELECT 1 FROM notices WHERE person_id = $1 AND read_at IS NULL LIMIT 100) AS unread_ones"#,
        person.as_str()
    )
    .fetch_one(db)
    .await?)
}

/// Marks one as read; whether this person has such a notice. A second time changes nothing.
pub async fn mark_read(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    id: NoticeId,
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = sqlx::query!(
        "UPDATE notices SET read_at = coalesce(read_at, $3) WHERE person_id = $1 AND id = $2",
        person.as_str(),
        id.uuid(),
        now
    )
    .execute(db)
    .await?
    .rows_affected();
    Ok(rows == 1)
}

/// Marks all as read that a person was shown: those up to this one. What came since stays unread.
pub async fn mark_all_read(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    up_to: NoticeId,
    now: Instant,
) -> Result<u64, StoreError> {
    Ok(sqlx::query!(
        "UPDATE notices SET read_at = $3 WHERE person_id = $1 AND id <= $2 AND read_at IS NULL",
        person.as_str(),
        up_to.uuid(),
        now
    )
    .execute(db)
    .await?
    .rows_affected())
}

/// What belongs into a person's daily mail, oldest first, and how many there are that do not fit into it.
pub async fn in_digest(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    digest_at: Instant,
) -> Result<(Vec<Notice>, u64), StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, body, count(*) OVER () AS "all!" FROM notices
           WHERE person_id = $1 AND digest_at = $2 ORDER BY id LIMIT 200"#,
        person.as_str(),
        digest_at
    )
    .fetch_all(db)
    .await?;
    let all = rows
        .first()
        .map_or(0, |row| u64::try_from(row.all).unwrap_or_default());
    let notices = rows
        .into_iter()
        .map(|row| told(row.id, row.body, None).map(|told| told.notice))
        .collect::<Result<Vec<_>, _>>()?;
    let fit = u64::try_from(notices.len()).unwrap_or(u64::MAX);
    Ok((notices, all.saturating_sub(fit)))
}
