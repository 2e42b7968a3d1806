//! A review becomes owed.

use super::event;
use super::levels::{levels, somebody_is_left};
use crate::approvals::concerned;
use crate::command::EventDraft;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::approval::Approver;
use domain::event::EventKind;
use domain::id::PostReviewId;
use domain::post_review::{PostReview, ReviewCause, Reviewed};
use domain::principal::PrincipalRef;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::opt_outs::Stored;

/// The event.
pub(crate) fn owed(review: &PostReview) -> EventDraft {
    event(
        EventKind::PostReviewOwed,
        review,
        serde_json::json!({ "review": review }),
    )
}

/// The review that an opt-out's end owes, where its tier wants one. A break-glass has one since it began.
pub(crate) fn review_at_end(
    service: &Service,
    loaded: &Loaded,
    stored: &Stored,
    now: Instant,
) -> Result<Option<PostReview>, ServiceError> {
    let opt_out = &stored.opt_out;
    let policy = loaded.policy()?;
    let duty = policy
        .tier(&opt_out.tier)
        .and_then(|tier| Some((tier, tier.review.as_ref()?)));
    let (Some((tier, duty)), None) = (duty, &opt_out.break_glass) else {
        return Ok(None);
    };
    // Taken back before its start, it has done nothing that could be looked at.
    if opt_out.approved_at.is_none() || opt_out.window.starts_at() >= now {
        return Ok(None);
    }
    let directory = loaded.directory();
    let concerned = concerned(directory, &opt_out.teams, opt_out.requested_by.person());
    let asked: BTreeSet<Approver> = concerned
        .named(std::slice::from_ref(&duty.by))
        .into_iter()
        .collect();
    let levels = levels(loaded.electors(), tier, &concerned, &stored.excluded);
    let next = if levels.first == asked {
        levels.next
    } else {
        levels.first
    };
    // Where nobody of those whom the tier names is left, those above them are asked at once.
    let (reviewers, next_level) = if somebody_is_left(loaded.electors(), &asked, &stored.excluded) {
        (asked, next)
    } else {
        (next, asked)
    };
    let team = opt_out
        .requested_by
        .person()
        .and_then(|person| directory.principals.get(&PrincipalRef::from(person.clone())))
        .map(|person| person.team.clone())
        .or_else(|| opt_out.teams.first().cloned());
    let Some(team) = team else {
        return Ok(None);
    };
    let due_at = TimeDelta::try_seconds(duty.within_secs)
        .and_then(|within| now.checked_add_signed(within))
        .ok_or_else(|| ServiceError::internal("the tier's review is out of range"))?;
    Ok(Some(PostReview {
        id: PostReviewId::from_uuid(service.ids().next(now)),
        reviewed: Reviewed::OptOut(opt_out.id),
        cause: ReviewCause::Ended,
        team,
        about: opt_out.requested_by.person().cloned(),
        tier: opt_out.tier.clone(),
        tier_rank: opt_out.tier_rank,
        reviewers,
        next_level,
        excluded: stored.excluded.clone(),
        owed_at: now,
        due_at,
        conclusion: None,
    }))
}
