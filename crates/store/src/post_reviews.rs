//! Post-reviews: owed, and concluded once.

use crate::error::{exactly_one, from_json, inconsistent, to_json};
use crate::{StoreError, Tx};
use domain::id::{AccessRequestId, OptOutId, PostReviewId};
use domain::name::{PersonId, TeamName};
use domain::post_review::{Conclusion, Finding, PostReview, ReviewCause, Reviewed};
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

const TABLE: &str = "post_reviews";

/// A review as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The review.
    pub review: PostReview,
    /// Counted up with each change.
    pub version: i32,
}

struct PostReviewRow {
    id: Uuid,
    version: i32,
    opt_out_id: Option<Uuid>,
    access_request_id: Option<Uuid>,
    cause: String,
    state: String,
    team: String,
    about_id: Option<String>,
    tier: String,
    tier_rank: i32,
    reviewers: serde_json::Value,
    next_level: serde_json::Value,
    excluded: serde_json::Value,
    owed_at: Instant,
    due_at: Instant,
    concluder_id: Option<String>,
    concluded_at: Option<Instant>,
    note: Option<String>,
}

impl TryFrom<PostReviewRow> for Stored {
    type Error = StoreError;
    fn try_from(row: PostReviewRow) -> Result<Self, StoreError> {
        let id = PostReviewId::from_uuid(row.id);
        let person = |name: String, column| PersonId::new(name).map_err(inconsistent(TABLE, column, id));
        let conclusion = match (row.concluder_id, row.concluded_at, row.note) {
            (Some(concluder), Some(at), Some(note)) => Some(Conclusion {
                person: person(concluder, "concluder_id")?,
                finding: row
                    .state
                    .parse::<Finding>()
                    .map_err(inconsistent(TABLE, "state", id))?,
                note,
                at,
            }),
            _ => None,
        };
        let reviewed = match (row.opt_out_id, row.access_request_id) {
            (Some(opt_out), None) => Reviewed::OptOut(OptOutId::from_uuid(opt_out)),
            (None, Some(request)) => Reviewed::AccessRequest(AccessRequestId::from_uuid(request)),
            (None, None) | (Some(_), Some(_)) => {
                return Err(inconsistent(TABLE, "opt_out_id", id)(
                    "of nothing, or of two things",
                ));
            }
        };
        Ok(Self {
            version: row.version,
            review: PostReview {
                id,
                reviewed,
                cause: cause(&row.cause, id)?,
                team: TeamName::new(row.team).map_err(inconsistent(TABLE, "team", id))?,
                about: row.about_id.map(|about| person(about, "about_id")).transpose()?,
                tier: row.tier.parse().map_err(inconsistent(TABLE, "tier", id))?,
                tier_rank: u32::try_from(row.tier_rank).map_err(inconsistent(TABLE, "tier_rank", id))?,
                reviewers: from_json(TABLE, "reviewers", id, row.reviewers)?,
                next_level: from_json(TABLE, "next_level", id, row.next_level)?,
                excluded: from_json(TABLE, "excluded", id, row.excluded)?,
                owed_at: row.owed_at,
                due_at: row.due_at,
                conclusion,
            },
        })
    }
}

fn cause(word: &str, id: PostReviewId) -> Result<ReviewCause, StoreError> {
    ReviewCause::ALL
        .into_iter()
        .find(|cause| cause.as_str() == word)
        .ok_or_else(|| inconsistent(TABLE, "cause", id)(format!("unknown cause {word}")))
}

/// The columns of what is looked at.
const fn columns(reviewed: Reviewed) -> (Option<Uuid>, Option<Uuid>) {
    match reviewed {
        Reviewed::OptOut(id) => (Some(id.uuid()), None),
        Reviewed::AccessRequest(id) => (None, Some(id.uuid())),
    }
}

/// Stores a new one.
pub async fn insert(tx: &mut Tx, review: &PostReview) -> Result<(), StoreError> {
    let (opt_out, request) = columns(review.reviewed);
    sqlx::query!(
        "INSERT INTO post_reviews (id, opt_out_id, access_request_id, cause, state, team, about_id, tier, tier_rank,
             reviewers, next_level, excluded, owed_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        review.id.uuid(),
        opt_out,
        request,
        review.cause.as_str(),
        review.state().as_str(),
        review.team.as_str(),
        review.about.as_ref().map(PersonId::as_str),
        review.tier.as_str(),
        i32::try_from(review.tier_rank).unwrap_or(i32::MAX),
        to_json(TABLE, "reviewers", &review.reviewers)?,
        to_json(TABLE, "next_level", &review.next_level)?,
        to_json(TABLE, "excluded", &review.excluded)?,
        review.owed_at,
        review.due_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores a conclusion. The version that was read must still be there.
pub async fn conclude(tx: &mut Tx, stored: &Stored, conclusion: &Conclusion) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "UPDATE post_reviews
         SET version = version + 1, state = $3, concluder_id = $4, concluded_at = $5, note = $6
         WHERE id = $1 AND version = $2",
        stored.review.id.uuid(),
        stored.version,
        conclusion.finding.as_str(),
        conclusion.person.as_str(),
        conclusion.at,
        conclusion.note,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    exactly_one(TABLE, stored.review.id, rows)
}

/// One, locked until the transaction ends.
pub async fn for_update(tx: &mut Tx, id: PostReviewId) -> Result<Option<Stored>, StoreError> {
    sqlx::query_as!(
        PostReviewRow,
        "SELECT id, version, opt_out_id, access_request_id, cause, state, team, about_id, tier, tier_rank, reviewers, next_level,
             excluded, owed_at, due_at, concluder_id, concluded_at, note
         FROM post_reviews WHERE id = $1 FOR UPDATE",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// One.
pub async fn find(db: impl PgExecutor<'_>, id: PostReviewId) -> Result<Option<Stored>, StoreError> {
    sqlx::query_as!(
        PostReviewRow,
        "SELECT id, version, opt_out_id, access_request_id, cause, state, team, about_id, tier, tier_rank, reviewers, next_level,
             excluded, owed_at, due_at, concluder_id, concluded_at, note
         FROM post_reviews WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// The one about this.
pub async fn of(db: impl PgExecutor<'_>, reviewed: Reviewed) -> Result<Option<Stored>, StoreError> {
    let (opt_out, request) = columns(reviewed);
    sqlx::query_as!(
        PostReviewRow,
        "SELECT id, version, opt_out_id, access_request_id, cause, state, team, about_id, tier, tier_rank, reviewers, next_level,
             excluded, owed_at, due_at, concluder_id, concluded_at, note
         FROM post_reviews WHERE opt_out_id = $1 OR access_request_id = $2",
        opt_out,
        request
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// All that are owed, the soonest due first; each that cannot be read by itself.
pub async fn owed(db: impl PgExecutor<'_>) -> Result<Vec<Result<Stored, StoreError>>, StoreError> {
    let rows = sqlx::query_as!(
        PostReviewRow,
        "SELECT id, version, opt_out_id, access_request_id, cause, state, team, about_id, tier, tier_rank, reviewers, next_level,
             excluded, owed_at, due_at, concluder_id, concluded_at, note
         FROM post_reviews WHERE state = 'owed' ORDER BY due_at, id"
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(TryInto::try_into).collect())
}

/// The break-glass review of a team that is overdue the longest at `now`.
pub async fn overdue_of_team(
    db: impl PgExecutor<'_>,
    team: &TeamName,
    now: Instant,
) -> Result<Option<PostReviewId>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT id FROM post_reviews
         WHERE team = $1 AND cause = 'break_glass' AND state = 'owed' AND due_at <= $2
         ORDER BY due_at, id LIMIT 1",
        team.as_str(),
        now
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(PostReviewId::from_uuid))
}
