//! Somebody concludes a review.

use super::event;
use super::levels::asked_now;
use crate::approvals::capacities;
use crate::caller::PersonCaller;
use crate::command::{Effect, finish};
use crate::opt_outs::covers;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::{VoteError, Voter};
use domain::event::EventKind;
use domain::id::PostReviewId;
use domain::opt_out::Direction;
use domain::post_review::{Finding, PostReview, ReviewError};
use domain::role::Permission;
use domain::window::Instant;
use store::opt_outs::Stored;

impl Service {
    /// Concludes a review. It is a vote in all but name: a person, by their groups at this moment, never one who broke the
    /// glass or was exempted by it, whatever their roles.
    pub async fn conclude_post_review(
        &self,
        caller: &PersonCaller,
        id: PostReviewId,
        finding: Finding,
        note: &str,
    ) -> Result<PostReview, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.store().begin().await?;
        let stored = store::post_reviews::for_update(&mut tx, id)
            .await?
            .ok_or(ServiceError::NotFound { what: "post-review" })?;
        if !self.sees_post_review(caller, &loaded, &stored.review).await? {
            return Err(ServiceError::NotFound { what: "post-review" });
        }
        let authorised = caller.authorise(Permission::Vote)?;
        let about = store::opt_outs::find(tx.conn(), stored.review.opt_out)
            .await?
            .ok_or_else(|| ServiceError::internal(format!("no opt-out {}", stored.review.opt_out)))?;
        let reviewer = Voter {
            person: caller.person.clone(),
            capacities: capacities(loaded.directory(), &caller.person),
            // Votes are lent; looking at what happened is for whoever is asked themselves.
            lent: Vec::new(),
        };
        let concluded = stored
            .review
            .clone()
            .conclude(
                asked_now(&loaded, &stored.review, now),
                reviewer,
                finding,
                note,
                now,
            )
            .map_err(refused)?;
        ready(caller, &loaded, &stored.review, &about, now)?;
        let Some(conclusion) = &concluded.conclusion else {
            return Err(ServiceError::internal("a concluded review without a conclusion"));
        };
        store::post_reviews::conclude(&mut tx, &stored, conclusion).await?;
        let body = serde_json::json!({
            "opt_out": concluded.opt_out, "conclusion": conclusion, "overdue": stored.review.is_overdue(now),
        });
        let drafted = event(EventKind::PostReviewConcluded, &concluded, body);
        finish(self, tx, authorised, vec![drafted], Effect::None, now).await?;
        Ok(concluded)
    }
}

/// What is in force still has not been seen whole: a conclusion stands, and nobody would look at what came after it. And
/// whom a `to_manual` keeps out does not say that it was wrong.
pub(super) fn ready(
    caller: &PersonCaller,
    loaded: &Loaded,
    review: &PostReview,
    about: &Stored,
    now: Instant,
) -> Result<(), ServiceError> {
    let opt_out = &about.opt_out;
    if review.conclusion.is_none() && !opt_out.state_at(now, about.uses).is_terminal() {
        return Err(ServiceError::Conflict {
            code: "not_over",
            why: "It is not over yet. Look at it once it has ended, or end it first.".to_owned(),
        });
    }
    if opt_out.direction == Direction::ToManual && covers(loaded, opt_out, &caller.person) {
        return Err(ServiceError::Forbidden {
            code: "covered",
            why: "This took you out of the automation, so somebody else has to look at it.".to_owned(),
        });
    }
    Ok(())
}

fn refused(error: ReviewError) -> ServiceError {
    match error {
        ReviewError::Settled => ServiceError::Conflict {
            code: "settled",
            why: error.to_string(),
        },
        ReviewError::NoteMissing => ServiceError::field("note", "note_missing", error.to_string()),
        ReviewError::NotAsked => ServiceError::Forbidden {
            code: "not_eligible",
            why: error.to_string(),
        },
        ReviewError::Vote(VoteError::ReasonTooLong) => {
            ServiceError::field("note", "note_too_long", "At most 2,000 characters.")
        }
        ReviewError::Vote(why) => crate::access_requests::refused(why),
    }
}
