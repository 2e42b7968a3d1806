//! What can be said of a scope while the rest of the form is being filled in.

use super::fields::unknown_names;
use super::prepare::{exclude_beneficiaries, teams};
use crate::approvals::{Asked, StageProgress, concerned, join, progress, resolved};
use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use domain::approval::{Exclusion, Exclusions};
use domain::name::{ScenarioId, TierName};
use domain::opt_out::Direction;
use domain::role::Permission;
use domain::scope::{Coverage, Scope};
use std::collections::BTreeSet;

/// A scope that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeSoFar {
    /// The case, where it is chosen.
    pub scenario: Option<ScenarioId>,
    /// Which way.
    pub direction: Direction,
    /// What it covers.
    pub scope: Scope,
}

/// What it comes to now.
#[derive(Debug, Clone)]
pub struct ScopeForecast {
    /// The strictest tier that it covers.
    pub tier: TierName,
    /// Its rank.
    pub tier_rank: u32,
    /// How many principals it covers; none: any.
    pub principals: Option<usize>,
    /// How many resources it covers; none: any.
    pub resources: Option<usize>,
    /// Its stages, with who could decide now; what an empty budget or a renewal adds is not among them.
    pub stages: Vec<StageProgress>,
}

impl Service {
    /// What a scope covers, its tier and who would decide, whatever else is missing. None where it names what is not there:
    /// the errors say so. A bypass that names nobody yet shows the stages as they are for whoever asks alone.
    pub async fn forecast_scope(
        &self,
        caller: &PersonCaller,
        so_far: &ScopeSoFar,
    ) -> Result<Option<ScopeForecast>, ServiceError> {
        caller.authorise(Permission::Request)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let (policy, directory, view) = (loaded.policy()?, loaded.directory(), loaded.view()?);
        let scope = &so_far.scope;
        let bounded = scope.principals.is_some() || scope.resources.is_some();
        if !bounded || !unknown_names(&loaded, scope).is_empty() {
            return Ok(None);
        }
        let coverage = Coverage::of(scope, view.all_principal_facts(), view.all_resource_facts());
        let tier = policy::evaluate::scope_tier(loaded.snapshot()?, scope, now);
        let scenario = so_far.scenario.as_ref().and_then(|id| policy.scenario(id));
        let stages = match scenario {
            Some(scenario) => tier.stages_of_opt_out(scenario, 0),
            None => tier.opt_out_stages.clone(),
        };
        let concerned = concerned(directory, &teams(directory, &coverage), Some(&caller.person));
        let mut plan = resolved(&stages, &concerned);
        let mut excluded = Exclusions::default();
        excluded.add(caller.person.clone(), Exclusion::Requester);
        exclude_beneficiaries(&mut excluded, directory, so_far.direction, &coverage);
        let asked = Asked {
            excluded: &excluded,
            votes: &[],
            requested_at: now,
            fallback: &concerned.named(&tier.fallback),
        };
        join(loaded.electors(), &mut plan, asked, now);
        Ok(Some(ScopeForecast {
            tier: tier.name.clone(),
            tier_rank: tier.rank,
            principals: coverage.principals.as_ref().map(BTreeSet::len),
            resources: coverage.resources.as_ref().map(BTreeSet::len),
            stages: progress(loaded.electors(), &plan, &excluded, &[], now),
        }))
    }
}
