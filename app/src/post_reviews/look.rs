//! From a review to what its page shows. On the server alone.

use service::{
    Service,
    approvals::Standpoint,
    caller::PersonCaller,
    opt_outs::OptOutDetail,
    post_reviews::{Counts, PostReviewDetail},
};

use super::view::{ConclusionView, PostReviewView};
use crate::{
    audit::{Actors, newest_first},
    break_glass::approvers,
    error::AppError,
    opt_outs::{
        detail_view, happened_view, use_view,
        view::{May, OptOutView},
    },
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
    let opt_out = OptOutView {
        // Here what differs from its answer comes first.
        uses: found.uses.iter().map(use_view).collect(),
        ..detail_view(service, caller, opt_out)?
    };
    Ok(PostReviewView {
        id: review.id.to_string(),
        state: review.state(),
        cause: review.cause,
        overdue: found.overdue,
        due_at: review.due_at,
        opt_out,
        done: done(&found.done),
        approved_by: found
            .approved_by
            .iter()
            .map(|person| names.person(person))
            .collect(),
        reviewers: approvers(found.asked.iter(), &names),
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

/// "2 as answered, 1 let through at the gate although refused, 3 that nobody reported".
fn done(counts: &Counts) -> String {
    let parts = [
        (counts.as_answered, "as answered"),
        (counts.stricter, "refused at the gate although allowed"),
        (counts.laxer, "let through at the gate although refused"),
        (counts.unreported, "that nobody reported"),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if said.is_empty() {
        "nothing, since nothing was asked".to_owned()
    } else {
        said.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reported_is_said() {
        let mut counts = Counts::default();
        assert_eq!(done(&counts), "nothing, since nothing was asked");
        counts.as_answered = 2;
        counts.laxer = 1;
        counts.unreported = 3;
        assert_eq!(
            done(&counts),
            "2 as answered, 1 let through at the gate although refused, 3 that nobody reported"
        );
    }
}
