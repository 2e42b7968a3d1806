//! What happens in the transaction that brings a break-glass into force: at once, or at a second person's vote.

use crate::approvals::{concerned, electorate};
use crate::command::EventDraft;
use crate::opt_outs::event;
use crate::post_reviews::{Levels, asked_of, levels, owed};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::approval::{Concerned, Exclusion, Exclusions, Vote};
use domain::break_glass::Terms;
use domain::directory::Directory;
use domain::event::EventKind;
use domain::id::PostReviewId;
use domain::name::PersonId;
use domain::post_review::{PostReview, ReviewCause};
use domain::tier::Tier;
use domain::window::{Instant, Window};
use std::collections::BTreeSet;
use store::Tx;
use store::break_glass::Spell;
use store::opt_outs::Stored;
use store::votes::Item;

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
    let votes = store::votes::of(tx.conn(), Item::OptOut(opt_out.id.uuid())).await?;
    let review = review_of(service, loaded, stored, &votes, now)?;
    store::post_reviews::insert(tx, &review).await?;
    let skipped = skipped(loaded, stored, &votes);
    let body = serde_json::json!({
        "opt_out": opt_out, "incident": broken.incident, "sign_in": broken.sign_in, "skipped": skipped,
        "post_review": review.id,
    });
    Ok(vec![
        event(EventKind::OptOutBrokeGlass, stored, body),
        owed(&review),
    ])
}

/// What a second person lets through begins now, so it is as long as it may be now.
pub(crate) async fn cut(tx: &mut Tx, stored: &mut Stored, now: Instant) -> Result<(), ServiceError> {
    let Some(broken) = &stored.opt_out.break_glass else {
        return Ok(());
    };
    let overdue = store::post_reviews::overdue_of_team(tx.conn(), &broken.team, now).await?;
    let longest = TimeDelta::seconds(Terms::at(&[], overdue.is_some(), now).longest_secs);
    let window = stored.opt_out.window;
    let ends_at = window.ends_at().min(window.starts_at() + longest);
    stored.opt_out.window = Window::new(window.starts_at(), ends_at).map_err(ServiceError::internal)?;
    Ok(())
}

fn review_of(
    service: &Service,
    loaded: &Loaded,
    stored: &Stored,
    votes: &[Vote],
    now: Instant,
) -> Result<PostReview, ServiceError> {
    let opt_out = &stored.opt_out;
    let broken = opt_out
        .break_glass
        .as_ref()
        .ok_or_else(|| ServiceError::internal("a review of a glass that nobody broke"))?;
    let directory = loaded.directory();
    let tier = loaded
        .policy()?
        .tier(&opt_out.tier)
        .ok_or_else(|| ServiceError::internal(format!("the policy has no tier {}", opt_out.tier)))?;
    let concerned = concerned(directory, &opt_out.teams, opt_out.requested_by.person());
    let (levels, excluded) = of_others(directory, tier, &concerned, stored, votes);
    Ok(PostReview {
        id: PostReviewId::from_uuid(service.ids().next(now)),
        opt_out: opt_out.id,
        cause: ReviewCause::BreakGlass,
        team: broken.team.clone(),
        about: opt_out.requested_by.person().cloned(),
        tier: opt_out.tier.clone(),
        tier_rank: opt_out.tier_rank,
        reviewers: levels.first,
        next_level: levels.next,
        excluded,
        owed_at: now,
        due_at: now + TimeDelta::seconds(broken.sign_in.review_within_secs()),
        conclusion: None,
    })
}

/// Whoever let it through does not look at it afterwards, unless nobody else is left.
fn of_others(
    directory: &Directory,
    tier: &Tier,
    concerned: &Concerned,
    stored: &Stored,
    votes: &[Vote],
) -> (Levels, Exclusions) {
    let mut excluded = stored.excluded.clone();
    for vote in votes {
        excluded.add(vote.person.clone(), Exclusion::Approver);
    }
    let of_others = levels(directory, tier, concerned, &excluded);
    let anybody = !asked_of(directory, &of_others.first, &excluded).is_empty();
    if votes.is_empty() || anybody {
        (of_others, excluded)
    } else {
        let levels = levels(directory, tier, concerned, &stored.excluded);
        (levels, stored.excluded.clone())
    }
}

/// Who would have decided it and was not asked: of one that took a second person, all but those who voted.
pub(crate) fn skipped(loaded: &Loaded, stored: &Stored, votes: &[Vote]) -> BTreeSet<PersonId> {
    electorate(loaded.directory(), &stored.plan, &stored.excluded)
        .into_iter()
        .map(|(person, _)| person)
        .filter(|person| !votes.iter().any(|vote| vote.person == *person))
        .collect()
}
