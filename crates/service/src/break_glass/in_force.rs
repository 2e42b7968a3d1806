//! What happens in the transaction that brings a break-glass into force: at once, or at a second person's vote.

use super::ground::skipped;
use crate::access_requests::{event as of_request, submitted_body};
use crate::approvals::concerned;
use crate::command::EventDraft;
use crate::opt_outs::event as of_opt_out;
use crate::post_reviews::{levels, owed};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::access_request::AccessRequest;
use domain::approval::{Exclusions, Plan};
use domain::break_glass::BreakGlass;
use domain::event::EventKind;
use domain::grant::Grant;
use domain::id::PostReviewId;
use domain::name::{PersonId, TeamName, TierName};
use domain::post_review::{PostReview, ReviewCause, Reviewed};
use domain::resource::ResourceRef;
use domain::window::{Instant, Window};
use std::collections::BTreeSet;
use store::Tx;
use store::break_glass::Spell;
use store::opt_outs::Stored;

/// What the glass was broken for, whichever of the two it is.
struct Broken<'a> {
    of: Reviewed,
    person: &'a PersonId,
    glass: &'a BreakGlass,
    resources: &'a BTreeSet<ResourceRef>,
    /// The teams that own them.
    teams: &'a BTreeSet<TeamName>,
    window: Window,
    tier: &'a TierName,
    tier_rank: u32,
    excluded: &'a Exclusions,
}

/// Counts the hours, owes the review, and says so to the ledger. Nothing for what is no break-glass.
pub(crate) async fn opt_out_in_force(
    service: &Service,
    tx: &mut Tx,
    loaded: &Loaded,
    stored: &Stored,
    now: Instant,
) -> Result<Vec<EventDraft>, ServiceError> {
    let opt_out = &stored.opt_out;
    let (Some(glass), Some(person)) = (&opt_out.break_glass, opt_out.requested_by.person()) else {
        return Ok(Vec::new());
    };
    let broken = Broken {
        of: Reviewed::OptOut(opt_out.id),
        person,
        glass,
        resources: &opt_out.coverage.resources.clone().unwrap_or_default(),
        teams: &opt_out.teams,
        window: opt_out.window,
        tier: &opt_out.tier,
        tier_rank: opt_out.tier_rank,
        excluded: &stored.excluded,
    };
    let review = broken.counts(service, tx, loaded, now).await?;
    let body = serde_json::json!({
        "opt_out": opt_out, "incident": glass.incident, "sign_in": glass.sign_in,
        "skipped": skipped(loaded, &stored.plan, &stored.excluded), "post_review": review.id,
    });
    Ok(vec![
        of_opt_out(EventKind::OptOutBrokeGlass, stored, body),
        owed(&review),
    ])
}

/// The same for a grant. `would_have` is who would have decided on it.
pub(crate) async fn grant_in_force(
    service: &Service,
    tx: &mut Tx,
    loaded: &Loaded,
    (request, grant): (&AccessRequest, &Grant),
    would_have: &Plan,
    now: Instant,
) -> Result<Vec<EventDraft>, ServiceError> {
    let (Some(glass), Some(person)) = (&request.break_glass, request.asked_by()) else {
        return Ok(Vec::new());
    };
    let owner = loaded.directory().resources.get(&request.resource);
    let broken = Broken {
        of: Reviewed::AccessRequest(request.id),
        person: &person,
        glass,
        resources: &BTreeSet::from([request.resource.clone()]),
        teams: &owner.map(|found| found.team.clone()).into_iter().collect(),
        window: grant.window,
        tier: &request.tier,
        tier_rank: request.tier_rank,
        excluded: &request.excluded,
    };
    let review = broken.counts(service, tx, loaded, now).await?;
    let mut body = submitted_body(request);
    if let Some(members) = body.as_object_mut() {
        let more = serde_json::json!({
            "incident": glass.incident, "sign_in": glass.sign_in,
            "skipped": skipped(loaded, would_have, &request.excluded), "post_review": review.id,
            "grant": grant.id, "starts_at": grant.window.starts_at(), "ends_at": grant.window.ends_at(),
        });
        members.extend(more.as_object().cloned().unwrap_or_default());
    }
    let mut broke = of_request(EventKind::AccessRequestBrokeGlass, request, body);
    broke.refs.insert(grant.id.to_string());
    Ok(vec![broke, owed(&review)])
}

impl Broken<'_> {
    async fn counts(
        &self,
        service: &Service,
        tx: &mut Tx,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<PostReview, ServiceError> {
        let spell = Spell {
            of: self.of,
            person: self.person,
            broken: self.glass,
            resources: self.resources,
            window: self.window,
        };
        store::break_glass::insert(tx, &spell).await?;
        let review = self.review(service, loaded, now)?;
        store::post_reviews::insert(tx, &review).await?;
        Ok(review)
    }

    fn review(&self, service: &Service, loaded: &Loaded, now: Instant) -> Result<PostReview, ServiceError> {
        let directory = loaded.directory();
        let tier = loaded
            .policy()?
            .tier(self.tier)
            .ok_or_else(|| ServiceError::internal(format!("the policy has no tier {}", self.tier)))?;
        let concerned = concerned(directory, self.teams, Some(self.person));
        let levels = levels(directory, tier, &concerned, self.excluded);
        Ok(PostReview {
            id: PostReviewId::from_uuid(service.ids().next(now)),
            reviewed: self.of,
            cause: ReviewCause::BreakGlass,
            team: self.glass.team.clone(),
            about: Some(self.person.clone()),
            tier: self.tier.clone(),
            tier_rank: self.tier_rank,
            reviewers: levels.first,
            next_level: levels.next,
            excluded: self.excluded.clone(),
            owed_at: now,
            due_at: now + TimeDelta::seconds(self.glass.sign_in.review_within_secs()),
            conclusion: None,
        })
    }
}
