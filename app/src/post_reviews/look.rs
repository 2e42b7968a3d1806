//! From a review to what its page shows. On the server alone.

use service::{
    Service, approvals::Standpoint, caller::PersonCaller, opt_outs::OptOutDetail,
    post_reviews::PostReviewDetail,
};

use super::view::{ConclusionView, PostReviewView};
use crate::{
    audit::{Actors, newest_first},
    break_glass::approvers,
    error::AppError,
    opt_outs::{detail_view, happened_view, view::May},
    server_side::Names,
};

/// One review with its opt-out.
pub(super) fn review(
    service: &Service,
    caller: &PersonCaller,
    found: PostReviewDetail,
    opt_out: OptOutDetail,
) -> Result<PostReviewView, AppError> {
    let (names, actors) = (Names::of(service), Actors::of(service));
    let review = &found.review;
    Ok(PostReviewView {
        id: review.id.to_string(),
        state: review.state(),
        cause: review.cause,
        overdue: found.overdue,
        due_at: review.due_at,
        opt_out: detail_view(service, caller, opt_out)?,
        approved_by: found.approved_by.iter().map(|person| names.person(person)).collect(),
        reviewers: approvers(review.may_conclude(found.now).iter(), &names),
        conclude: match (found.standpoint, &review.conclusion) {
            (_, Some(_)) => May::Moot,
            (Standpoint::MayVote, None) => May::Yes,
            (Standpoint::MayNot(why), None) => May::No(why),
        },
        conclusion: review.conclusion.as_ref().map(|conclusion| ConclusionView {
            person: names.person(&conclusion.person),
            finding: conclusion.finding,
            note: conclusion.note.clone(),
            at: conclusion.at,
        }),
        happened: newest_first(&found.events)
            .into_iter()
            .map(|event| happened_view(event, &actors))
            .collect(),
        now: found.now,
    })
}
