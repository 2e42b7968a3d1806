//! What happens in the transaction that brings a break-glass into force: at once, or at a second person's vote.

use super::ground::{longest_secs, skipped};
use crate::access_requests::{event as of_request, submitted_body};
use crate::approvals::{Electors, concerned};
use crate::command::EventDraft;
use crate::opt_outs::event as of_opt_out;
use crate::post_reviews::{Levels, asked_of, levels, owed};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::access_request::AccessRequest;
use domain::approval::{Concerned, Exclusion, Exclusions, Plan, Vote};
use domain::break_glass::BreakGlass;
use domain::event::EventKind;
use domain::grant::Grant;
use domain::id::PostReviewId;
use domain::name::{PersonId, TeamName, TierName};
use domain::post_review::{PostReview, ReviewCause, Reviewed};
use domain::resource::ResourceRef;
use domain::tier::Tier;
use domain::window::{Instant, Window};
use std::collections::BTreeSet;
use store::Tx;
use store::break_glass::Spell;
use store::opt_outs::Stored;
use store::votes::Item;

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
    /// Those of a second person.
    votes: &'a [Vote],
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
    let votes = store::votes::of(tx.conn(), Item::OptOut(opt_out.id.uuid())).await?;
    let broken = Broken {
        votes: &votes,
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
        "skipped": skipped(loaded, &stored.plan, &stored.excluded, &votes), "post_review": review.id,
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
    let votes = store::votes::of(tx.conn(), Item::AccessRequest(request.id.uuid())).await?;
    let broken = Broken {
        votes: &votes,
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
            "skipped": skipped(loaded, would_have, &request.excluded, &votes), "post_review": review.id,
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
        let (levels, excluded) = self.of_others(loaded.electors(), tier, &concerned);
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
            excluded,
            owed_at: now,
            due_at: now + TimeDelta::seconds(self.glass.sign_in.review_within_secs()),
            conclusion: None,
        })
    }

    /// Whoever let it through does not look at it afterwards, unless nobody else is left.
    fn of_others(&self, electors: Electors<'_>, tier: &Tier, concerned: &Concerned) -> (Levels, Exclusions) {
        let mut excluded = self.excluded.clone();
        for vote in self.votes {
            excluded.add(vote.person.clone(), Exclusion::Approver);
        }
        let of_others = levels(electors, tier, concerned, &excluded);
        let anybody = !asked_of(electors, &of_others.first, &excluded).is_empty();
        if self.votes.is_empty() || anybody {
            (of_others, excluded)
        } else {
            let levels = levels(electors, tier, concerned, self.excluded);
            (levels, self.excluded.clone())
        }
    }
}

/// What a second person lets through begins now, so it is as long as it may be now.
pub(crate) async fn cut_opt_out(tx: &mut Tx, stored: &mut Stored, now: Instant) -> Result<(), ServiceError> {
    let Some(broken) = &stored.opt_out.break_glass else {
        return Ok(());
    };
    let longest = TimeDelta::seconds(longest_secs(tx, &broken.team, now).await?);
    let window = stored.opt_out.window;
    let ends_at = window.ends_at().min(window.starts_at() + longest);
    stored.opt_out.window = Window::new(window.starts_at(), ends_at).map_err(ServiceError::internal)?;
    Ok(())
}

/// The same of access.
pub(crate) async fn cut_access(
    tx: &mut Tx,
    request: &mut AccessRequest,
    now: Instant,
) -> Result<(), ServiceError> {
    if let Some(broken) = &request.break_glass {
        let longest = longest_secs(tx, &broken.team, now).await?;
        request.grant_secs = request.grant_secs.min(longest);
    }
    Ok(())
}
