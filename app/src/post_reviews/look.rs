//! From a review to what its page shows. On the server alone.

use domain::{break_glass::SignInStrength, role::Permission};
use service::{
    Service, ServiceError,
    approvals::Standpoint,
    caller::PersonCaller,
    opt_outs::OptOutDetail,
    post_reviews::{Counts, PostReviewDetail, ReviewedAccess, ReviewedOptOut},
};

use super::view::{AboutView, AccessView, AnsweredView, ConclusionView, PostReviewView};
use crate::{
    audit::{Actors, newest_first},
    break_glass::approvers,
    error::AppError,
    opt_outs::{
        detail_view, happened_view, use_view,
        view::{May, OptOutView},
    },
    requests::look::title,
    server_side::{Names, Tiers},
};

/// An opt-out that is looked at.
pub(super) fn opt_out(
    service: &Service,
    caller: &PersonCaller,
    about: &ReviewedOptOut,
    opt_out: OptOutDetail,
) -> Result<AboutView, AppError> {
    Ok(AboutView::OptOut(Box::new(OptOutView {
        // Here what differs from its answer comes first.
        uses: about.uses.iter().map(use_view).collect(),
        ..detail_view(service, caller, opt_out)?
    })))
}

/// Access that is looked at.
pub(super) fn access(
    service: &Service,
    caller: &PersonCaller,
    found: &PostReviewDetail,
    about: &ReviewedAccess,
) -> Result<AboutView, AppError> {
    let (names, tiers) = (Names::of(service), Tiers::of(service, caller)?);
    let (request, grant) = (&about.request, &about.grant);
    let Some(glass) = &request.break_glass else {
        return Err(ServiceError::internal("a review of access for which no glass was broken").into());
    };
    let by = found.review.about.as_ref().map(|person| names.person(person));
    let end = grant.ended.map_or(grant.window.ends_at(), |ended| ended.at);
    let done = &found.done;
    Ok(AboutView::Access(Box::new(AccessView {
        request_href: about.may_open.then(|| format!("/requests/{}", request.id)),
        title: format!("Break-glass, {}: {}", glass.incident, title(request)),
        tier: tiers.view(&request.tier, request.tier_rank),
        by: by.unwrap_or_default(),
        what: format!(
            "{} on {} for {}",
            request.capability,
            request.resource,
            names.principal(&request.principal)
        ),
        incident: glass.incident.clone(),
        weak_sign_in: glass.sign_in == SignInStrength::Session,
        skipped: found.skipped.iter().map(|person| names.person(person)).collect(),
        reason: request.wish.reason.clone(),
        starts_at: grant.window.starts_at(),
        lasts_secs: (end - grant.window.starts_at()).num_seconds(),
        state: grant.state(found.now),
        answered: about
            .answered
            .iter()
            .map(|(decision, report)| AnsweredView {
                id: decision.id.to_string(),
                at: decision.at,
                words: format!(
                    "{} {} {}",
                    names.principal(&decision.principal),
                    decision.capability,
                    decision.resource.id
                ),
                done: report.as_ref().map(|report| report.done),
            })
            .collect(),
        answered_total: done.as_answered + done.stricter + done.laxer + done.unreported,
        may_audit: caller.may(Permission::ReadAudit),
    })))
}

/// One review with what it looks at.
pub(super) fn review(service: &Service, found: PostReviewDetail, about: AboutView) -> PostReviewView {
    let (names, actors) = (Names::of(service), Actors::of(service));
    let review = &found.review;
    PostReviewView {
        id: review.id.to_string(),
        state: review.state(),
        cause: review.cause,
        overdue: found.overdue,
        due_at: review.due_at,
        about,
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
    }
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
