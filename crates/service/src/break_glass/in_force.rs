//! What happens in the transaction that brings a break-glass into force: at once, or at a second person's vote.

use crate::approvals::{concerned, electorate};
use crate::command::EventDraft;
use crate::opt_outs::event;
use crate::post_reviews::{levels, owed};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::break_glass::SignInStrength;
use domain::event::EventKind;
use domain::id::PostReviewId;
use domain::name::PersonId;
use domain::post_review::{PostReview, ReviewCause};
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;
use store::break_glass::Spell;
use store::opt_outs::Stored;

/// Counts the hours, owes the review, and says so to the ledger. Nothing for what is no break-glass.
pub(crate) async fn comes_into_force(
    service: &Service,
    tx: &mut Tx,
    loaded: &Loaded,
    stored: &Stored,
    now: Instant,
) -> Result<Vec<EventDraft>, ServiceError> {
    let opt_out = &stored.opt_out;
    let (Some(broken), Some(person)) = (&opt_out.break_glass, opt_out.requested_by.person()) else {
        return Ok(Vec::new());
    };
    let resources = opt_out.coverage.resources.clone().unwrap_or_default();
    let spell = Spell {
        opt_out: opt_out.id,
        person,
        broken,
        resources: &resources,
        window: opt_out.window,
    };
    store::break_glass::insert(tx, &spell).await?;
    let review = review_of(service, loaded, stored, &broken.team, broken.sign_in, now)?;
    store::post_reviews::insert(tx, &review).await?;
    let skipped = skipped(loaded, stored);
    let body = serde_json::json!({
        "opt_out": opt_out, "incident": broken.incident, "sign_in": broken.sign_in, "skipped": skipped,
        "post_review": review.id,
    });
    Ok(vec![
        event(EventKind::OptOutBrokeGlass, stored, body),
        owed(&review),
    ])
}

fn review_of(
    service: &Service,
    loaded: &Loaded,
    stored: &Stored,
    team: &domain::name::TeamName,
    sign_in: SignInStrength,
    now: Instant,
) -> Result<PostReview, ServiceError> {
    let opt_out = &stored.opt_out;
    let directory = loaded.directory();
    let tier = loaded
        .policy()?
        .tier(&opt_out.tier)
        .ok_or_else(|| ServiceError::internal(format!("the policy has no tier {}", opt_out.tier)))?;
    let concerned = concerned(directory, &opt_out.teams, opt_out.requested_by.person());
    let levels = levels(directory, tier, &concerned, &stored.excluded);
    Ok(PostReview {
        id: PostReviewId::from_uuid(service.ids().next(now)),
        opt_out: opt_out.id,
        cause: ReviewCause::BreakGlass,
        team: team.clone(),
        about: opt_out.requested_by.person().cloned(),
        tier: opt_out.tier.clone(),
        tier_rank: opt_out.tier_rank,
        reviewers: levels.first,
        next_level: levels.next,
        excluded: stored.excluded.clone(),
        owed_at: now,
        due_at: now + TimeDelta::seconds(sign_in.review_within_secs()),
        conclusion: None,
    })
}

/// Who would have decided it.
pub(crate) fn skipped(loaded: &Loaded, stored: &Stored) -> BTreeSet<PersonId> {
    electorate(loaded.directory(), &stored.plan, &stored.excluded)
        .into_iter()
        .map(|(person, _)| person)
        .collect()
}
