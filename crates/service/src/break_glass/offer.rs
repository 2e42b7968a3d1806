//! What the form offers, what it would come to, and what those who were skipped are shown.

use super::in_force::skipped;
use super::prepare::{BreakGlassInput, BreakGlassTerms, Hours, shape, terms};
use crate::approvals::owners_of_workload;
use crate::caller::PersonCaller;
use crate::opt_outs::OptOutSummary;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::break_glass::{ALLOWANCE_DAYS, Terms};
use domain::decision::Decision;
use domain::id::{DecisionId, PostReviewId};
use domain::name::{RuleId, TeamName};
use domain::post_review::PostReview;
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::role::Permission;
use domain::rule::{Exemptible, Question};
use domain::window::Instant;
use std::collections::BTreeSet;
use store::votes::Item;

/// What somebody who may break the glass can choose from.
#[derive(Debug, Clone)]
pub struct BreakGlassOffer {
    /// Themself, and the workloads that they answer for.
    pub principals: Vec<PrincipalRef>,
    /// All resources.
    pub resources: Vec<ResourceRef>,
    /// The rules that are marked for emergencies, with what they say.
    pub rules: Vec<(RuleId, String)>,
    /// The team whose hours are counted.
    pub team: TeamName,
    /// The terms on a resource of which nothing is used.
    pub terms: Terms,
    /// The post-review that makes it shorter.
    pub overdue: Option<PostReviewId>,
    /// The decision that it began with, and which of its rules can be broken.
    pub decision: Option<(Decision, BTreeSet<RuleId>)>,
    /// When this was read.
    pub now: Instant,
}

/// A glass that was broken past somebody who would have decided.
#[derive(Debug, Clone)]
pub struct BrokenGlass {
    /// The bypass.
    pub summary: OptOutSummary,
    /// Its review.
    pub review: Option<PostReview>,
}

impl Service {
    /// What the form offers, for a decision that stands in the way where one is named.
    pub async fn break_glass_offer(
        &self,
        caller: &PersonCaller,
        decision: Option<DecisionId>,
    ) -> Result<BreakGlassOffer, ServiceError> {
        caller.authorise(Permission::BreakGlass)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let (policy, directory) = (loaded.policy()?, loaded.directory());
        let me = PrincipalRef::from(caller.person.clone());
        let team = directory
            .principals
            .get(&me)
            .map(|person| person.team.clone())
            .ok_or(ServiceError::NotFound { what: "person" })?;
        let answered_for = directory.principals.keys().filter(|principal| {
            principal.person().is_none() && owners_of_workload(directory, principal).contains(&caller.person)
        });
        let rules: Vec<(RuleId, String)> = policy
            .rules()
            .iter()
            .filter(|rule| rule.exemptible == Exemptible::BreakGlass)
            .map(|rule| (rule.id.clone(), rule.description.clone()))
            .collect();
        let decision = match decision {
            // One that they may not see is as if it were not there: the form opens all the same.
            Some(id) => self.decision(caller, id).await.ok().map(|found| found.decision),
            None => None,
        };
        let decision = decision.map(|decision| {
            let stands = [Question::Grant, Question::Automate]
                .iter()
                .filter_map(|question| decision.evaluation.matches.get(question))
                .flat_map(|matches| &matches.forbids);
            let breakable = stands
                .filter(|rule| rules.iter().any(|(id, _)| id == *rule))
                .cloned()
                .collect();
            (decision, breakable)
        });
        let overdue = store::post_reviews::overdue_of_team(self.store().pool(), &team, now).await?;
        Ok(BreakGlassOffer {
            principals: std::iter::once(&me).chain(answered_for).cloned().collect(),
            resources: directory.resources.keys().cloned().collect(),
            terms: Terms::at(&[], overdue.is_some(), now),
            rules,
            team,
            overdue,
            decision,
            now,
        })
    }

    /// What breaking the glass like this would come to. Writes nothing, and asks for no fresh sign-in.
    pub async fn check_break_glass(
        &self,
        caller: &PersonCaller,
        input: &BreakGlassInput,
    ) -> Result<BreakGlassTerms, ServiceError> {
        caller.authorise(Permission::BreakGlass)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let shape = shape(&caller.person, &loaded, input, now)?;
        let pool = self.store().pool();
        let since = now - TimeDelta::days(ALLOWANCE_DAYS);
        let hours = Hours {
            spells: store::break_glass::spells(pool, &shape.team, &shape.resources, since).await?,
            overdue: store::post_reviews::overdue_of_team(pool, &shape.team, now).await?,
        };
        terms(&shape, &loaded, &hours, input.length_secs, now)
    }

    /// Glasses that were broken past the caller: in force, or not yet looked at.
    pub async fn broken_past(&self, caller: &PersonCaller) -> Result<Vec<BrokenGlass>, ServiceError> {
        if !caller.may(Permission::Vote) {
            return Ok(Vec::new());
        }
        let now = self.now();
        let pool = self.store().pool();
        let found = store::opt_outs::glass_broken(pool, now).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let loaded = self.snapshots().current_for_commands().await?;
        let mut broken = Vec::new();
        for stored in found {
            let votes = store::votes::of(pool, Item::OptOut(stored.opt_out.id.uuid())).await?;
            if skipped(&loaded, &stored, &votes).contains(&caller.person) {
                let review = store::post_reviews::of_opt_out(pool, stored.opt_out.id).await?;
                broken.push(BrokenGlass {
                    summary: OptOutSummary::new(stored, now),
                    review: review.map(|stored| stored.review),
                });
            }
        }
        Ok(broken)
    }
}
