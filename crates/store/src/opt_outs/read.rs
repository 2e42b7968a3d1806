//! Reading opt-outs.

mod similar;

pub use similar::{SettledCounts, settled_like, similar};

use crate::error::{digest, from_json, inconsistent};
use crate::{StoreError, Tx};
use domain::approval::{Exclusions, Plan};
use domain::digest::Digest;
use domain::id::OptOutId;
use domain::opt_out::{OptOut, OptOutState};
use domain::window::Instant;
use sqlx::PgExecutor;
use uuid::Uuid;

const TABLE: &str = "opt_outs";

/// An opt-out with what is stored beside its revision.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The current revision, with the state last stored.
    pub opt_out: OptOut,
    /// Counted up with each change.
    pub version: i32,
    /// Frozen at submission; the union with a stricter one at a vote.
    pub plan: Plan,
    /// Who may not decide.
    pub excluded: Exclusions,
    /// The policy version at submission.
    pub policy_digest: Digest,
    /// The cap that was set at submission, in seconds.
    pub longest_secs: i64,
    /// Whether the requester chose the start; else it starts when it is approved.
    pub scheduled: bool,
    /// How many decisions it has applied to, where that is limited.
    pub uses: u32,
}

pub(super) struct OptOutRow {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) state: String,
    pub(super) stage: Option<i32>,
    pub(super) policy_digest: Vec<u8>,
    pub(super) plan: serde_json::Value,
    pub(super) excluded: serde_json::Value,
    pub(super) longest_secs: i64,
    pub(super) scheduled: bool,
    pub(super) uses: i32,
    pub(super) body: serde_json::Value,
}

fn state(word: &str, stage: Option<i32>, id: OptOutId) -> Result<OptOutState, StoreError> {
    Ok(match (word, stage) {
        ("requested", None) => OptOutState::Requested,
        ("in_review", Some(stage)) => OptOutState::InReview {
            stage: u32::try_from(stage).map_err(inconsistent(TABLE, "stage", id))?,
        },
        ("approved", None) => OptOutState::Approved,
        ("active", None) => OptOutState::Active,
        ("suspended", None) => OptOutState::Suspended,
        ("expired", None) => OptOutState::Expired,
        ("revoked", None) => OptOutState::Revoked,
        ("exhausted", None) => OptOutState::Exhausted,
        ("closed_early", None) => OptOutState::ClosedEarly,
        ("rejected", None) => OptOutState::Rejected,
        ("withdrawn", None) => OptOutState::Withdrawn,
        ("lapsed", None) => OptOutState::Lapsed,
        (other, _) => return Err(inconsistent(TABLE, "state", id)(format!("unknown state {other}"))),
    })
}

impl TryFrom<OptOutRow> for Stored {
    type Error = StoreError;
    fn try_from(row: OptOutRow) -> Result<Self, StoreError> {
        let id = OptOutId::from_uuid(row.id);
        let mut opt_out: OptOut = from_json("opt_out_revisions", "body", id, row.body)?;
        opt_out.state = state(&row.state, row.stage, id)?;
        Ok(Self {
            opt_out,
            version: row.version,
            plan: from_json(TABLE, "plan", id, row.plan)?,
            excluded: from_json(TABLE, "excluded", id, row.excluded)?,
            policy_digest: digest(TABLE, "policy_digest", id, &row.policy_digest)?,
            longest_secs: row.longest_secs,
            scheduled: row.scheduled,
            uses: u32::try_from(row.uses).map_err(inconsistent(TABLE, "uses", id))?,
        })
    }
}

/// One opt-out.
pub async fn find(db: impl PgExecutor<'_>, id: OptOutId) -> Result<Option<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// One opt-out, locked until the transaction ends.
///
/// Two statements: one that waits for the lock sees the row as whoever had it left it, but joins it to the revisions of
/// before it waited. With a new revision there, nothing would match, and the opt-out would seem not to exist.
pub async fn for_update(tx: &mut Tx, id: OptOutId) -> Result<Option<Stored>, StoreError> {
    sqlx::query!("SELECT version FROM opt_outs WHERE id = $1 FOR UPDATE", id.uuid())
        .fetch_optional(tx.conn())
        .await?;
    find(tx.conn(), id).await
}

/// One revision, as it was.
pub async fn revision(
    db: impl PgExecutor<'_>,
    id: OptOutId,
    revision: u32,
) -> Result<Option<OptOut>, StoreError> {
    let number = i32::try_from(revision).unwrap_or(i32::MAX);
    sqlx::query_scalar!(
        "SELECT body FROM opt_out_revisions WHERE opt_out_id = $1 AND revision = $2",
        id.uuid(),
        number
    )
    .fetch_optional(db)
    .await?
    .map(|body| from_json("opt_out_revisions", "body", id, body))
    .transpose()
}

/// Opt-outs that are in force at `now` or may come into force by themselves: what a snapshot holds.
pub async fn standing(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.state IN ('approved', 'active', 'suspended') AND o.ends_at > $1
           AND (o.closes_at IS NULL OR o.closes_at > $1)",
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Opt-outs for which the glass was broken and that are in force at `now`, or that somebody still has to look at.
pub async fn glass_broken(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE EXISTS (SELECT FROM break_glass_spells s WHERE s.opt_out_id = o.id AND s.ends_at > $1)
            OR EXISTS (SELECT FROM post_reviews v
                       WHERE v.opt_out_id = o.id AND v.state = 'owed' AND v.cause = 'break_glass')
         ORDER BY o.id DESC LIMIT 100",
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Which opt-outs a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this phase at `now`: `pending`, `in_force`, `scheduled`, `over`; absent: all. One with hours of its own
    /// stays `in_force` between them: SQL knows the window, and the hours follow from the row in `domain`.
    pub phase: Option<String>,
    /// Only this direction.
    pub direction: Option<String>,
    /// Only asked for by this person, by id.
    pub requester: Option<String>,
    /// Only charged to this team.
    pub team: Option<String>,
    /// Only ids before this one: keyset paging, newest first.
    pub before: Option<OptOutId>,
}

/// A page of opt-outs, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    now: Instant,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE ($1::text IS NULL
             OR ($1 = 'pending' AND o.state IN ('requested', 'in_review') AND o.lapses_at > $5)
             OR ($1 = 'scheduled' AND o.state = 'approved' AND o.starts_at > $5)
             OR ($1 = 'in_force' AND o.state IN ('approved', 'active') AND o.starts_at <= $5 AND o.ends_at > $5
                 AND (o.max_uses IS NULL OR o.uses < o.max_uses) AND (o.closes_at IS NULL OR o.closes_at > $5))
             OR ($1 = 'over' AND (o.state IN ('expired', 'revoked', 'exhausted', 'closed_early', 'rejected',
                     'withdrawn', 'lapsed')
                 OR (o.state IN ('approved', 'active', 'suspended') AND (o.ends_at <= $5 OR o.closes_at <= $5))
                 OR (o.state IN ('approved', 'active') AND o.uses >= o.max_uses)
                 OR (o.state IN ('requested', 'in_review') AND o.lapses_at <= $5))))
           AND ($2::text IS NULL OR o.direction = $2)
           AND ($3::text IS NULL OR o.requester_id = $3)
           AND ($4::text IS NULL OR $4 = ANY(o.teams))
           AND ($6::uuid IS NULL OR o.id < $6)
         ORDER BY o.id DESC LIMIT $7",
        filter.phase,
        filter.direction,
        filter.requester,
        filter.team,
        now,
        filter.before.map(OptOutId::uuid),
        limit,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// All that are charged to somebody's budget at `now`.
pub async fn charged(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<Stored>, StoreError> {
    let since = now - chrono::TimeDelta::days(domain::budget::PERIOD_DAYS);
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.id IN (SELECT c.opt_out_id FROM budget_charges c WHERE c.charged_at > $1 AND c.charged_at <= $2)",
        since,
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// All that renew this one, oldest first.
pub async fn renewals_of(db: impl PgExecutor<'_>, parent: OptOutId) -> Result<Vec<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.parent_id = $1 ORDER BY o.id LIMIT 100",
        parent.uuid()
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Opt-outs whose end no worker has written yet.
pub async fn unreported_ends(db: impl PgExecutor<'_>, now: Instant) -> Result<Vec<OptOutId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT o.id FROM opt_outs o
         WHERE NOT o.end_reported AND (
             (o.state IN ('requested', 'in_review') AND o.lapses_at <= $1)
             OR (o.state IN ('approved', 'active', 'suspended') AND (o.ends_at <= $1 OR o.closes_at <= $1))
             OR (o.state IN ('approved', 'active') AND o.uses >= o.max_uses))
         ORDER BY o.id LIMIT 100",
        now
    );
    Ok(ids
        .fetch_all(db)
        .await?
        .into_iter()
        .map(OptOutId::from_uuid)
        .collect())
}

/// One of them, locked; none where another worker is at it, or was.
pub async fn unreported_end(tx: &mut Tx, id: OptOutId) -> Result<Option<Stored>, StoreError> {
    sqlx::query_as!(
        OptOutRow,
        "SELECT o.id, o.version, o.state, o.stage, o.policy_digest, o.plan, o.excluded, o.longest_secs, o.scheduled, o.uses,
             r.body
         FROM opt_outs o JOIN opt_out_revisions r ON r.opt_out_id = o.id AND r.revision = o.revision
         WHERE o.id = $1 AND NOT o.end_reported FOR UPDATE OF o SKIP LOCKED",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(TryInto::try_into)
    .transpose()
}
