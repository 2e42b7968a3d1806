//! What people say to each other about access requests and opt-outs.

use crate::error::inconsistent;
use crate::votes::Item;
use crate::{StoreError, Tx};
use domain::comment::{Comment, CommentKind};
use domain::id::CommentId;
use domain::name::PersonId;
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

const TABLE: &str = "comments";

struct CommentRow {
    id: Uuid,
    author_id: String,
    kind: String,
    answers: Option<Uuid>,
    body: String,
    at: Instant,
}

impl TryFrom<CommentRow> for Comment {
    type Error = StoreError;
    fn try_from(row: CommentRow) -> Result<Self, StoreError> {
        let id = CommentId::from_uuid(row.id);
        Ok(Self {
            id,
            author: PersonId::new(row.author_id).map_err(inconsistent(TABLE, "author_id", id))?,
            kind: row
                .kind
                .parse::<CommentKind>()
                .map_err(inconsistent(TABLE, "kind", id))?,
            answers: row.answers.map(CommentId::from_uuid),
            text: row.body,
            at: row.at,
        })
    }
}

/// All comments on an item, oldest first.
pub async fn of(db: impl PgExecutor<'_>, item: Item) -> Result<Vec<Comment>, StoreError> {
    let (kind, id) = item.columns();
    sqlx::query_as!(
        CommentRow,
        "SELECT id, author_id, kind, answers, body, at FROM comments
         WHERE item_kind = $1 AND item_id = $2 ORDER BY at, id",
        kind,
        id
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Stores a comment.
pub async fn insert(tx: &mut Tx, item: Item, comment: &Comment) -> Result<(), StoreError> {
    let (kind, id) = item.columns();
    sqlx::query!(
        "INSERT INTO comments (id, item_kind, item_id, author_id, kind, answers, body, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        comment.id.uuid(),
        kind,
        id,
        comment.author.as_str(),
        comment.kind.as_str(),
        comment.answers.map(CommentId::uuid),
        comment.text,
        comment.at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A question that nobody has answered yet.
#[derive(Debug, Clone)]
pub struct OpenQuestion {
    /// About what.
    pub item: Item,
    /// The question.
    pub question: Comment,
}

/// All open questions about what still goes on at `now`, oldest first.
pub async fn open_questions(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<OpenQuestion>, StoreError> {
    sqlx::query!(
        "SELECT c.id, c.item_kind, c.item_id, c.author_id, c.kind, c.answers, c.body, c.at FROM comments c
         WHERE c.kind = 'question' AND NOT EXISTS (SELECT FROM comments a WHERE a.answers = c.id)
           AND (EXISTS (SELECT FROM access_requests r
                        WHERE c.item_kind = 'access_request' AND r.id = c.item_id
                          AND r.state IN ('submitted', 'in_review') AND r.expires_at > $1)
             OR EXISTS (SELECT FROM opt_outs o
                        WHERE c.item_kind = 'opt_out' AND o.id = c.item_id
                          AND ((o.state IN ('requested', 'in_review') AND o.lapses_at > $1)
                            OR (o.state IN ('approved', 'active', 'suspended') AND o.ends_at > $1
                                AND (o.closes_at IS NULL OR o.closes_at > $1)))))
         ORDER BY c.at, c.id LIMIT 1000",
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let item = match row.item_kind.as_str() {
            "access_request" => Item::AccessRequest(row.item_id),
            "opt_out" => Item::OptOut(row.item_id),
            other => {
                return Err(inconsistent(TABLE, "item_kind", row.id)(format!(
                    "unknown item {other}"
                )));
            }
        };
        let question = CommentRow {
            id: row.id,
            author_id: row.author_id,
            kind: row.kind,
            answers: row.answers,
            body: row.body,
            at: row.at,
        };
        Ok(OpenQuestion {
            item,
            question: question.try_into()?,
        })
    })
    .collect()
}
