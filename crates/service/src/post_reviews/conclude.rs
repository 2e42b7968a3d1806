//! Somebody concludes a review.

use super::event;
use super::levels::asked_now;
use super::ready::LookedAt;
use crate::caller::PersonCaller;
use crate::command::{Effect, finish_as_judged, judged};
use crate::{Service, ServiceError};
use domain::approval::{VoteError, Voter};
use domain::event::EventKind;
use domain::id::PostReviewId;
use domain::post_review::{Finding, PostReview, ReviewError, Reviewed};
use domain::role::Permission;

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
        judged(|| self.conclude_post_review_now(caller, id, finding, note)).await
    }

    async fn conclude_post_review_now(
        &self,
        caller: &PersonCaller,
        id: PostReviewId,
        finding: Finding,
        note: &str,
    ) -> Result<PostReview, ServiceError> {
        let loaded = self.snapshots().current_for_commands().await?;
        let missing = || ServiceError::NotFound { what: "post-review" };
        let found = store::post_reviews::find(self.store().pool(), id)
            .await?
            .ok_or_else(missing)?;
        if !self.sees_post_review(caller, &loaded, &found.review).await? {
            return Err(missing());
        }
        let authorised = caller.authorise(Permission::Vote)?;
        // Before the row is locked: whoever waits for it holds one connection and takes no second one. What is over stays so.
        let looked_at = LookedAt::find(self.store(), found.review.reviewed).await?;
        let mut tx = self.begin().await?;
        let stored = store::post_reviews::for_update(&mut tx, id)
            .await?
            .ok_or_else(missing)?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let reviewer = Voter {
            person: caller.person.clone(),
            capacities: loaded.electors().capacities(&caller.person),
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
        looked_at.ready(caller, &loaded, &stored.review, now)?;
        let Some(conclusion) = &concluded.conclusion else {
            return Err(ServiceError::internal("a concluded review without a conclusion"));
        };
        store::post_reviews::conclude(&mut tx, &stored, conclusion).await?;
        let mut body = serde_json::json!({
            "conclusion": conclusion, "overdue": stored.review.is_overdue(now),
        });
        if let Some(members) = body.as_object_mut() {
            let (name, id) = match concluded.reviewed {
                Reviewed::OptOut(id) => ("opt_out", id.to_string()),
                Reviewed::AccessRequest(id) => ("access_request", id.to_string()),
            };
            members.insert(name.to_owned(), id.into());
        }
        let drafted = event(EventKind::PostReviewConcluded, &concluded, body);
        let events = vec![drafted];
        finish_as_judged(self, tx, authorised, events, Effect::None, &loaded, now).await?;
        Ok(concluded)
    }
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
