//! Looking at reviews.

use super::levels::asked_now;
use super::ready::LookedAt;
use crate::approvals::{Standpoint, memberships};
use crate::break_glass::skipped;
use crate::caller::PersonCaller;
use crate::inbox::readable;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::approval::{Approver, Verdict, Vote, Voter};
use domain::enforcement::Enforcement;
use domain::grant::Grant;
use domain::id::{AccessRequestId, OptOutId, PostReviewId};
use domain::name::PersonId;
use domain::opt_out::{OptOut, OptOutState};
use domain::post_review::{Finding, PostReview, Reviewed};
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::decisions::Listed;
pub use store::enforcements::Counts;
use store::events::Event;
use store::opt_outs::Use;
use store::votes::Item;

/// How many uses or answers are shown.
const NEWEST: i64 = 20;

/// One review as a list shows it.
#[derive(Debug, Clone)]
pub struct PostReviewSummary {
    /// The review.
    pub review: PostReview,
    /// What is looked at.
    pub about: About<OptOut, AccessRequest>,
}

/// What is looked at, whichever of the two it is.
#[derive(Debug, Clone)]
pub enum About<O, A> {
    /// An opt-out.
    OptOut(Box<O>),
    /// Access for which somebody broke the glass.
    Access(Box<A>),
}

/// One review with the summary that its reviewer needs.
#[derive(Debug, Clone)]
pub struct PostReviewDetail {
    /// The review.
    pub review: PostReview,
    /// Whether nobody has looked in time.
    pub overdue: bool,
    /// What is looked at.
    pub about: About<ReviewedOptOut, ReviewedAccess>,
    /// What was really done in its decisions.
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

/// An opt-out that is looked at.
#[derive(Debug, Clone)]
pub struct ReviewedOptOut {
    /// The opt-out.
    pub opt_out: OptOut,
    /// Its state now.
    pub state: OptOutState,
    /// Uses, each with its counterfactual: those first where something else was done than what was answered.
    pub uses: Vec<Use>,
    /// How many uses there are.
    pub uses_total: i64,
    /// How many of them changed the outcome.
    pub uses_changed: i64,
}

/// Access that is looked at.
#[derive(Debug, Clone)]
pub struct ReviewedAccess {
    /// The request.
    pub request: AccessRequest,
    /// What it gave.
    pub grant: Grant,
    /// Whether the viewer may open the request.
    pub may_open: bool,
    /// The newest decisions that the grant answered, each with what was reported of it.
    pub answered: Vec<(Listed, Option<Enforcement>)>,
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
        let votes = store::votes::of_all_rounds(pool, voted_on(review.reviewed)).await?;
        let (about, done, skipped) = match review.reviewed {
            Reviewed::OptOut(id) => self.reviewed_opt_out(&loaded, id, &votes, now).await?,
            Reviewed::AccessRequest(id) => self.reviewed_access(caller, &loaded, id, &votes).await?,
        };
        let looked_at = LookedAt::find(self.store(), review.reviewed).await?;
        Ok(PostReviewDetail {
            overdue: review.is_overdue(now),
            standpoint: standpoint(caller, &loaded, &review, &looked_at, now),
            asked: asked_now(&loaded, &review, now),
            about,
            done,
            skipped,
            approved_by: votes
                .into_iter()
                .filter(|vote| vote.verdict == Verdict::Approve)
                .map(|vote| vote.person)
                .collect(),
            events: store::events::about(pool, &id.to_string()).await?,
            review,
            now,
        })
    }

    async fn reviewed_opt_out(
        &self,
        loaded: &Loaded,
        id: OptOutId,
        votes: &[Vote],
        now: Instant,
    ) -> Result<(About<ReviewedOptOut, ReviewedAccess>, Counts, BTreeSet<PersonId>), ServiceError> {
        let pool = self.store().pool();
        let stored = store::opt_outs::find(pool, id)
            .await?
            .ok_or_else(|| ServiceError::internal(format!("no opt-out {id}")))?;
        let (uses_total, uses_changed) = store::opt_outs::use_counts(pool, id).await?;
        let skipped = match stored.opt_out.break_glass {
            Some(_) => skipped(loaded, &stored.plan, &stored.excluded, votes),
            None => BTreeSet::new(),
        };
        let about = ReviewedOptOut {
            state: stored.opt_out.state_at(now, stored.uses),
            uses: store::opt_outs::uses_to_review(pool, id, NEWEST).await?,
            uses_total,
            uses_changed,
            opt_out: stored.opt_out,
        };
        let done = store::enforcements::counts(pool, id).await?;
        Ok((About::OptOut(Box::new(about)), done, skipped))
    }

    async fn reviewed_access(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        id: AccessRequestId,
        votes: &[Vote],
    ) -> Result<(About<ReviewedOptOut, ReviewedAccess>, Counts, BTreeSet<PersonId>), ServiceError> {
        let pool = self.store().pool();
        let found = (
            store::access_requests::find(pool, id).await?,
            store::grants::of_request(pool, id).await?,
        );
        let (Some(request), Some(grant)) = found else {
            return Err(ServiceError::internal(format!("no request {id} with a grant")));
        };
        let mut answered = Vec::new();
        for decision in store::decisions::answered_by(pool, &grant, NEWEST).await? {
            let report = store::enforcements::find(pool, decision.id).await?;
            answered.push((decision, report));
        }
        let done = store::enforcements::counts_of_grant(pool, &grant).await?;
        let skipped = skipped(loaded, &request.plan, &request.excluded, votes);
        let about = ReviewedAccess {
            may_open: self.sees(caller, loaded, &request),
            request,
            grant,
            answered,
        };
        Ok((About::Access(Box::new(about)), done, skipped))
    }

    /// The reviews that the caller could conclude now, the soonest due first.
    pub(crate) async fn reviews_owed_by(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<Vec<PostReviewSummary>, ServiceError> {
        let pool = self.store().pool();
        let can = memberships(loaded.directory(), &caller.person);
        let mut found = Vec::new();
        for stored in store::post_reviews::owed(pool).await? {
            let Some(stored) = readable(stored)? else { continue };
            let review = stored.review;
            let asked = asked_now(loaded, &review, now);
            if !asked.iter().any(|asked| can.contains(asked)) {
                continue;
            }
            let Some(looked_at) = readable(LookedAt::find(self.store(), review.reviewed).await)? else {
                continue;
            };
            if standpoint(caller, loaded, &review, &looked_at, now) == Standpoint::MayVote {
                let about = match looked_at {
                    LookedAt::OptOut(stored, _) => About::OptOut(Box::new(stored.opt_out)),
                    LookedAt::Access(request, _) => About::Access(request),
                };
                found.push(PostReviewSummary { review, about });
            }
        }
        Ok(found)
    }

    /// Whether a person may see a review: whoever sees what is looked at, and whoever is asked for it.
    pub(super) async fn sees_post_review(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        review: &PostReview,
    ) -> Result<bool, ServiceError> {
        let can = memberships(loaded.directory(), &caller.person);
        let asked = review
            .reviewers
            .iter()
            .chain(&review.next_level)
            .chain(&asked_now(loaded, review, self.now()))
            .any(|approver| can.contains(approver));
        if asked && caller.may(Permission::Vote) {
            return Ok(true);
        }
        let pool = self.store().pool();
        Ok(match review.reviewed {
            Reviewed::OptOut(id) => store::opt_outs::find(pool, id)
                .await?
                .is_some_and(|stored| self.sees_opt_out(caller, loaded, &stored)),
            Reviewed::AccessRequest(id) => store::access_requests::find(pool, id)
                .await?
                .is_some_and(|request| self.sees(caller, loaded, &request)),
        })
    }
}

const fn voted_on(reviewed: Reviewed) -> Item {
    match reviewed {
        Reviewed::OptOut(id) => Item::OptOut(id.uuid()),
        Reviewed::AccessRequest(id) => Item::AccessRequest(id.uuid()),
    }
}

/// What this person may do; concluding judges again, in its transaction.
fn standpoint(
    caller: &PersonCaller,
    loaded: &Loaded,
    review: &PostReview,
    looked_at: &LookedAt,
    now: Instant,
) -> Standpoint {
    if !caller.may(Permission::Vote) {
        return Standpoint::MayNot("Your roles do not let you conclude reviews.".to_owned());
    }
    let reviewer = Voter {
        person: caller.person.clone(),
        capacities: loaded.electors().capacities(&caller.person),
        // Votes are lent; looking at what happened is for whoever is asked themselves.
        lent: Vec::new(),
    };
    // A trial with a note that nobody sees: only eligibility can refuse it.
    let asked = asked_now(loaded, review, now);
    match review
        .clone()
        .conclude(asked, reviewer, Finding::Justified, "A trial.", now)
    {
        // Told first why it is not theirs, then why it is too early.
        Ok(_) => match looked_at.ready(caller, loaded, review, now) {
            Ok(()) => Standpoint::MayVote,
            Err(why) => Standpoint::MayNot(why.to_string()),
        },
        Err(why) => Standpoint::MayNot(why.to_string()),
    }
}
