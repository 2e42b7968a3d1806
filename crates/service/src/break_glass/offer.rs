//! What the form offers, and what it would come to.

use super::access_shape::{EmergencyInput, again, is_one_s_own, openable, reachable, wanted};
use super::bypass_shape::{BreakGlassInput, shape};
use super::ground::{BreakGlassTerms, Hours, team_of, terms};
use crate::caller::PersonCaller;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::break_glass::{REFUSED_WITHIN_SECS, Terms};
use domain::decision::Decision;
use domain::id::{DecisionId, PostReviewId};
use domain::name::{RuleId, TeamName};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::role::Permission;
use domain::rule::Question;
use domain::tier::Tier;
use domain::window::Instant;
use std::collections::BTreeSet;

/// The most refusals that are looked at, and the most that are shown.
const MOST_REFUSALS: i64 = 200;
const MOST_SHOWN: usize = 12;

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
    /// What was refused to any of the principals lately and an emergency reaches, newest first; the one that it began with
    /// before them.
    pub refused: Vec<Refused>,
    /// Why the decision that it began with cannot be opened, where it cannot.
    pub not_opened: Option<String>,
    /// The decision that it began with, and which of its rules can be broken.
    pub decision: Option<(Decision, BTreeSet<RuleId>)>,
    /// When this was read.
    pub now: Instant,
}

/// Something that was refused, and that an emergency reaches.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The refusal.
    pub decision: Decision,
    /// The tier that it has by now.
    pub tier: Tier,
    /// The marked rules that ask for a person.
    pub rules: Vec<RuleId>,
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
        let team = team_of(&caller.person, &loaded)?;
        let answered_for = directory
            .principals
            .keys()
            .filter(|principal| **principal != me && is_one_s_own(directory, principal, &caller.person));
        let principals: Vec<PrincipalRef> = std::iter::once(&me).chain(answered_for).cloned().collect();
        let named = match decision {
            Some(id) => self.decision_record(id).await?,
            None => None,
        };
        let named = named.filter(|named| principals.contains(&named.input.principal));
        let not_opened = match (&named, decision) {
            (_, None) => None,
            (Some(named), Some(_)) => not_opened(&loaded, named, now)?,
            (None, Some(_)) => openable(None, now).err().map(|error| error.message),
        };
        let refused = self.refused(&loaded, &principals, named.as_ref(), now).await?;
        let rules: Vec<(RuleId, String)> = policy
            .rules()
            .iter()
            .filter(|rule| rule.exemptible.by_break_glass())
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
            principals,
            refused,
            not_opened,
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
        let mut tx = self.begin().await?;
        let hours = Hours::of(&mut tx, &shape.ground, now).await?;
        drop(tx);
        terms(&shape.ground, &loaded, &hours, input.length_secs, now)
    }

    /// What getting this would come to. Writes nothing, and asks for no fresh sign-in.
    pub async fn check_emergency_access(
        &self,
        caller: &PersonCaller,
        input: &EmergencyInput,
    ) -> Result<BreakGlassTerms, ServiceError> {
        caller.authorise(Permission::BreakGlass)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let refusal = self.decision_record(input.decision).await?;
        let wanted = wanted(&caller.person, &loaded, refusal, input, now)?;
        let mut tx = self.begin().await?;
        let hours = Hours::of(&mut tx, &wanted.ground, now).await?;
        drop(tx);
        terms(&wanted.ground, &loaded, &hours, input.length_secs, now)
    }

    /// What was refused lately to any of these and that an emergency reaches, newest first, each wish once; the named one
    /// first. What is granted by now is left out.
    async fn refused(
        &self,
        loaded: &Loaded,
        principals: &[PrincipalRef],
        named: Option<&Decision>,
        now: Instant,
    ) -> Result<Vec<Refused>, ServiceError> {
        let policy = loaded.policy()?;
        let since = now - TimeDelta::seconds(REFUSED_WITHIN_SECS);
        let recent = self.refusals(principals, since, MOST_REFUSALS).await?;
        let mut wishes = BTreeSet::new();
        let mut found = Vec::new();
        for decision in named.cloned().into_iter().chain(recent) {
            let what = (&decision.input.resource, &decision.input.capability);
            let evaluation = again(loaded, decision.input.clone(), now)?;
            let young = now - decision.at < TimeDelta::seconds(REFUSED_WITHIN_SECS);
            if !young || evaluation.answer || !wishes.insert(evaluation.tuple_digest) {
                continue;
            }
            let (Ok(()), Ok(rules), Some(tier)) = (
                reachable(loaded, what, &evaluation),
                policy::in_emergency(policy, &evaluation),
                policy.tier(&evaluation.tier),
            ) else {
                continue;
            };
            found.push(Refused {
                tier: tier.clone(),
                rules,
                decision,
            });
            if found.len() == MOST_SHOWN {
                break;
            }
        }
        Ok(found)
    }
}

/// Why an emergency does not open this.
fn not_opened(loaded: &Loaded, named: &Decision, now: Instant) -> Result<Option<String>, ServiceError> {
    if let Err(error) = openable(Some(named.clone()), now) {
        return Ok(Some(error.message));
    }
    let evaluation = again(loaded, named.input.clone(), now)?;
    if evaluation.answer {
        return Ok(Some("This is granted by now: ask again.".to_owned()));
    }
    let what = (&named.input.resource, &named.input.capability);
    Ok(reachable(loaded, what, &evaluation)
        .err()
        .map(|error| error.to_string()))
}
