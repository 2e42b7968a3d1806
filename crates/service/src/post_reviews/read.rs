//! Looking at reviews.

use super::conclude::ready;
use super::levels::asked_now;
use crate::approvals::{Standpoint, capacities};
use crate::break_glass::skipped;
use crate::caller::PersonCaller;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::{Approver, Verdict, Voter};
use domain::id::PostReviewId;
use domain::name::PersonId;
use domain::opt_out::{OptOut, OptOutState};
use domain::post_review::{Finding, PostReview};
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeSet;
pub use store::enforcements::Counts;
use store::events::Event;
use store::opt_outs::{Stored, Use};

/// One review as a list shows it.
#[derive(Debug, Clone)]
pub struct PostReviewSummary {
    /// The review.
    pub review: PostReview,
    /// What is looked at.
    pub opt_out: OptOut,
}

/// One review with the summary that its reviewer needs.
#[derive(Debug, Clone)]
pub struct PostReviewDetail {
    /// The review.
    pub review: PostReview,
    /// Whether nobody has looked in time.
    pub overdue: bool,
    /// What is looked at.
    pub opt_out: OptOut,
    /// Its state now.
    pub opt_out_state: OptOutState,
    /// Uses, each with its counterfactual: those first where something else was done than what was answered.
    pub uses: Vec<Use>,
    /// How many uses there are.
    pub uses_total: i64,
    /// How many of them changed the outcome.
    pub uses_changed: i64,
    /// What was really done in them.
    pub done: Counts,
    /// Who would have decided and was not asked.
    pub skipped: BTreeSet<PersonId>,
    /// Who approved it, and who approved that it came back.
    pub approved_by: Vec<PersonId>,
    /// Who may conclude it now.
    pub asked: BTreeSet<Approver>,
    /// Whether the viewer may conclude it, and why not.
    pub standpoint: Standpoint,
    /// What happened to the review, oldest first.
    pub events: Vec<Event>,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// One review. What the caller may not see does not exist.
    pub async fn post_review(
        &self,
        caller: &PersonCaller,
        id: PostReviewId,
    ) -> Result<PostReviewDetail, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let pool = self.store().pool();
        let missing = ServiceError::NotFound { what: "post-review" };
        let Some(review) = store::post_reviews::find(pool, id)
            .await?
            .map(|stored| stored.review)
        else {
            return Err(missing);
        };
        if !self.sees_post_review(caller, &loaded, &review).await? {
            return Err(missing);
        }
        let stored = store::opt_outs::find(pool, review.opt_out)
            .await?
            .ok_or_else(|| ServiceError::internal(format!("no opt-out {}", review.opt_out)))?;
        let (uses_total, uses_changed) = store::opt_outs::use_counts(pool, review.opt_out).await?;
        let votes =
            store::votes::of_all_rounds(pool, store::votes::Item::OptOut(review.opt_out.uuid())).await?;
        let approved_by: Vec<PersonId> = votes
            .iter()
            .filter(|vote| vote.verdict == Verdict::Approve)
            .map(|vote| vote.person.clone())
            .collect();
        Ok(PostReviewDetail {
            overdue: review.is_overdue(now),
            standpoint: standpoint(caller, &loaded, &review, &stored, now),
            asked: asked_now(&loaded, &review, now),
            opt_out_state: stored.opt_out.state_at(now, stored.uses),
            skipped: match stored.opt_out.break_glass {
                Some(_) => skipped(&loaded, &stored, &votes),
                None => BTreeSet::new(),
            },
            approved_by,
            opt_out: stored.opt_out,
            done: store::enforcements::counts(pool, review.opt_out).await?,
            uses: store::opt_outs::uses_to_review(pool, review.opt_out, 20).await?,
            uses_total,
            uses_changed,
            events: store::events::about(pool, &id.to_string()).await?,
            review,
            now,
        })
    }

    /// The reviews that the caller could conclude now, the soonest due first.
    pub(crate) async fn reviews_owed_by(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<Vec<PostReviewSummary>, ServiceError> {
        let pool = self.store().pool();
        let can = capacities(loaded.directory(), &caller.person);
        let mut found = Vec::new();
        for stored in store::post_reviews::owed(pool).await? {
            let review = stored.review;
            if !asked_now(loaded, &review, now)
                .iter()
                .any(|asked| can.contains(asked))
            {
                continue;
            }
            let about = store::opt_outs::find(pool, review.opt_out)
                .await?
                .ok_or_else(|| ServiceError::internal(format!("no opt-out {}", review.opt_out)))?;
            if standpoint(caller, loaded, &review, &about, now) == Standpoint::MayVote {
                found.push(PostReviewSummary {
                    review,
                    opt_out: about.opt_out,
                });
            }
        }
        Ok(found)
    }

    /// Whether a person may see a review: whoever sees its opt-out, and whoever is asked for it.
    pub(super) async fn sees_post_review(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        review: &PostReview,
    ) -> Result<bool, ServiceError> {
        let can = capacities(loaded.directory(), &caller.person);
        let asked = review
            .reviewers
            .iter()
            .chain(&review.next_level)
            .chain(&asked_now(loaded, review, self.now()))
            .any(|approver| can.contains(approver));
        if asked && caller.may(Permission::Vote) {
            return Ok(true);
        }
        let stored = store::opt_outs::find(self.store().pool(), review.opt_out).await?;
        Ok(stored.is_some_and(|stored| self.sees_opt_out(caller, loaded, &stored)))
    }
}

/// What this person may do; concluding judges again, in its transaction.
fn standpoint(
    caller: &PersonCaller,
    loaded: &Loaded,
    review: &PostReview,
    about: &Stored,
    now: Instant,
) -> Standpoint {
    if !caller.may(Permission::Vote) {
        return Standpoint::MayNot("Your roles do not let you conclude reviews.".to_owned());
    }
    let reviewer = Voter {
        person: caller.person.clone(),
        capacities: capacities(loaded.directory(), &caller.person),
        // Votes are lent; looking at what happened is for whoever is asked themselves.
        lent: Vec::new(),
    };
    // A trial with a note that nobody sees: only eligibility can refuse it.
    match review.clone().conclude(
        asked_now(loaded, review, now),
        reviewer,
        Finding::Justified,
        "A trial.",
        now,
    ) {
        // Told first why it is not theirs, then why it is too early.
        Ok(_) => match ready(caller, loaded, review, about, now) {
            Ok(()) => Standpoint::MayVote,
            Err(why) => Standpoint::MayNot(why.to_string()),
        },
        Err(why) => Standpoint::MayNot(why.to_string()),
    }
}
