//! Which opt-outs apply to an input.

use crate::directory_view::{KnownPrincipal, KnownResource};
use crate::snapshot::Snapshot;
use crate::version::PolicyVersion;
use crate::version::rules::exempts;
use domain::decision::{Applied, Input, Matches, PremiseRead};
use domain::id::OptOutId;
use domain::name::RuleId;
use domain::opt_out::{Direction, OptOut};
use domain::rule::Question;
use domain::scope;
use domain::tier::Tier;
use domain::window::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Without;

/// The opt-outs that apply, sorted by id, and those that were looked at because they were in force.
#[derive(Debug)]
pub(super) struct Applying<'a> {
    opt_outs: Vec<&'a Arc<OptOut>>,
    pub(super) considered: Vec<(OptOutId, u32)>,
    pub(super) premises: Vec<PremiseRead>,
}

impl<'a> Applying<'a> {
    #[allow(
        clippy::too_many_arguments,
        reason = "all of it is one input, and a struct would only name it again"
    )]
    pub(super) fn find(
        snapshot: &'a Snapshot,
        principal: &KnownPrincipal,
        resource: &KnownResource,
        input: &Input,
        tier: &Tier,
        now: Instant,
        without: &Without,
        supposed: Option<&'a Arc<OptOut>>,
    ) -> Self {
        let held: Vec<_> = snapshot
            .opt_outs
            .candidates(principal, resource)
            .into_iter()
            .filter(|held| !without.has(held.opt_out.id))
            .filter(|held| held.opt_out.in_force(now, held.uses.get()))
            .collect();
        let premises: Vec<PremiseRead> = held
            .iter()
            .filter_map(|held| {
                Some(PremiseRead {
                    opt_out: held.opt_out.id,
                    reading: held.reading.clone()?,
                    holds: held.stands(now),
                })
            })
            .collect();
        // A premise takes away and never adds: what is only supposed has not been read and counts as if it held.
        let fallen: BTreeSet<OptOutId> = held
            .iter()
            .filter(|held| held.opt_out.direction == Direction::Bypass && !held.stands(now))
            .map(|held| held.opt_out.id)
            .collect();
        let mut in_force: Vec<&Arc<OptOut>> = held
            .into_iter()
            .map(|held| &held.opt_out)
            .chain(supposed)
            .collect();
        in_force.sort_by_key(|opt_out| opt_out.id);
        let applies = |opt_out: &&Arc<OptOut>| {
            !fallen.contains(&opt_out.id)
                && within_tier(snapshot.policy(), opt_out, tier)
                && scope::reaches(
                    opt_out.direction,
                    &opt_out.scope,
                    &opt_out.coverage,
                    &principal.facts,
                    &resource.facts,
                    &input.capability,
                )
        };
        Self {
            considered: in_force
                .iter()
                .map(|opt_out| (opt_out.id, opt_out.revision))
                .collect(),
            opt_outs: in_force.into_iter().filter(applies).collect(),
            premises,
        }
    }

    pub(super) fn any_to_manual(&self) -> bool {
        self.opt_outs
            .iter()
            .any(|opt_out| opt_out.direction == Direction::ToManual)
    }

    /// **B**: all rules that the applying bypasses take out.
    pub(super) fn exempt_rules(&self, policy: &PolicyVersion) -> BTreeSet<&'a RuleId> {
        self.opt_outs
            .iter()
            .flat_map(|opt_out| takes_out(policy, opt_out))
            .collect()
    }

    /// The instant from which a grant must have been approved: when the last of the applying `to_manual` began.
    pub(super) fn last_to_manual_began(&self, now: Instant) -> Option<Instant> {
        self.opt_outs
            .iter()
            .filter(|opt_out| opt_out.direction == Direction::ToManual)
            // Approved after its start it began only then, and one with hours of its own begins with each of them anew: who
            // approved a grant before them did not look at it as it is now.
            .map(|opt_out| opt_out.applies_since(now))
            .max()
    }

    /// For the record: each with the matched rules that it took out, the narrowest credited.
    pub(super) fn applied(
        &self,
        policy: &PolicyVersion,
        matches: &BTreeMap<Question, Matches>,
    ) -> Vec<Applied> {
        let narrowest = self
            .opt_outs
            .iter()
            .min_by_key(|opt_out| breadth(opt_out))
            .map(|opt_out| opt_out.id);
        let matched: BTreeSet<&RuleId> = [Question::Grant, Question::Automate]
            .iter()
            .filter_map(|question| matches.get(question))
            .flat_map(|found| {
                found
                    .forbids
                    .iter()
                    .chain(found.errors.iter().map(|(rule, _)| rule))
            })
            .collect();
        self.opt_outs
            .iter()
            .map(|opt_out| Applied {
                opt_out: opt_out.id,
                revision: opt_out.revision,
                direction: opt_out.direction,
                rules: takes_out(policy, opt_out)
                    .filter(|rule| matched.contains(rule))
                    .cloned()
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
                credited: Some(opt_out.id) == narrowest,
            })
            .collect()
    }
}

/// A bypass ignores inputs of a stricter tier than it was approved under, and every input once a rule that it names has
/// another text. Ranks are compared by the tier's name under the policy in force, since another version may number its
/// tiers anew; a tier that is gone vouches for nothing.
fn within_tier(policy: &PolicyVersion, opt_out: &OptOut, tier: &Tier) -> bool {
    match opt_out.direction {
        Direction::ToManual => true,
        Direction::Bypass => {
            policy
                .tier(&opt_out.tier)
                .is_some_and(|approved| tier.no_stricter_than(approved))
                && opt_out.pins_hold(policy.rule_texts())
        }
    }
}

/// The rules that a bypass may take out: named, pinned, and exemptible for this kind of approval.
fn takes_out<'a>(policy: &PolicyVersion, opt_out: &'a OptOut) -> impl Iterator<Item = &'a RuleId> {
    let bypass = opt_out.direction == Direction::Bypass;
    let approved = opt_out.approved_at.is_some();
    let break_glass = opt_out.break_glass.is_some();
    opt_out
        .pinned
        .iter()
        .map(|pin| &pin.id)
        .filter(move |_| bypass)
        .filter(|rule| opt_out.scope.rules.contains(*rule))
        .filter(move |rule| {
            policy
                .rule(rule)
                .is_some_and(|found| exempts(found.exemptible, approved, break_glass))
        })
}

/// How much an opt-out covers: the fewest combinations of principal, resource and capability are the narrowest, a
/// dimension that is left open counting as more than any that is bounded; then the fewest rules, then the oldest id.
fn breadth(opt_out: &OptOut) -> (u128, usize, OptOutId) {
    let size = |count: Option<usize>| count.map_or(1 << 40, |count| count.max(1) as u128);
    let coverage = &opt_out.coverage;
    let combinations = size(coverage.principals.as_ref().map(BTreeSet::len))
        * size(coverage.resources.as_ref().map(BTreeSet::len))
        * size(opt_out.scope.capabilities.as_ref().map(BTreeSet::len));
    (combinations, opt_out.scope.rules.len(), opt_out.id)
}
