//! The invariants, over random policies, opt-outs and grants.

use crate::demo::DEMO;
use crate::random::{self, RandomOptOut, RandomRule};
use crate::support::*;
use domain::decision::{Evaluation, Input, UseEffect};
use domain::grant::Grant;
use domain::name::RuleId;
use domain::opt_out::{Direction, OptOut};
use domain::outcome::Outcome;
use domain::rule::{Exemptible, Question};
use domain::scope;
use policy::{DirectoryView, PolicyVersion, Uses, Without, effects, evaluate};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

struct World {
    policy: Arc<PolicyVersion>,
    view: Arc<DirectoryView>,
    opt_outs: Vec<OptOut>,
    grants: Vec<Grant>,
}

impl World {
    fn new(rules: &[RandomRule], opt_outs: &[RandomOptOut], granted: bool) -> Self {
        let policy = Arc::new(PolicyVersion::load(&random::files(rules)).unwrap());
        let view = Arc::new(DirectoryView::new(&policy, Arc::clone(DEMO.1.directory())).unwrap());
        let opt_outs = opt_outs
            .iter()
            .zip(1u128..)
            .map(|(one, number)| one.build(number, &policy, &view))
            .collect();
        let mut grants = Vec::new();
        if granted {
            let bare = snapshot(&policy, &view, &[], &[]);
            grants.push(random::role_grant(&view, &policy));
            let every_fifth = random::inputs().into_iter().step_by(5).zip(100u128..);
            grants.extend(every_fifth.map(|(input, number)| grant(number, &input, &ask(&bare, &input))));
        }
        Self {
            policy,
            view,
            opt_outs,
            grants,
        }
    }

    fn ask(&self, opt_outs: &[OptOut], input: &Input) -> Evaluation {
        ask(&snapshot(&self.policy, &self.view, opt_outs, &self.grants), input)
    }
}

/// Which opt-outs apply, judged one by one without any index.
fn applying<'a>(world: &'a World, input: &Input, evaluation: &Evaluation) -> Vec<&'a OptOut> {
    let directory = world.view.directory();
    let principal = directory.principal_facts(&input.principal).unwrap();
    let resource = directory.resource_facts(&input.resource).unwrap();
    let rank = |name| world.policy.tier(name).map(|tier| tier.rank);
    world
        .opt_outs
        .iter()
        .filter(|one| one.in_force(tuesday(), 0))
        .filter(|one| {
            scope::reaches(
                one.direction,
                &one.scope,
                &one.coverage,
                &principal,
                &resource,
                &input.capability,
            )
        })
        .filter(|one| one.direction == Direction::ToManual || rank(&evaluation.tier) <= rank(&one.tier))
        .collect()
}

/// DESIGN.md's formula, written down once more as plainly as can be.
fn outcome(evaluation: &Evaluation, exempt: &BTreeSet<RuleId>, to_manual: bool) -> Outcome {
    let without = |rule: &&RuleId| !exempt.contains(*rule);
    let says_yes = |question| {
        let matches = &evaluation.matches[&question];
        !matches.permits.is_empty() && matches.forbids.iter().filter(without).count() == 0
    };
    let fails = evaluation.matches.values().any(|matches| {
        matches
            .errors
            .iter()
            .map(|(rule, _)| rule)
            .filter(without)
            .count()
            > 0
    });
    let combined = match (fails || !says_yes(Question::Grant), says_yes(Question::Automate)) {
        (true, _) => Outcome::Deny,
        (false, false) => Outcome::Review,
        (false, true) => Outcome::Automate,
    };
    if to_manual {
        combined.max(Outcome::Review)
    } else {
        combined
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// An emergency reaches what marked rules alone keep from being granted without a person: past no other rule, past no
    /// error, past no `to_manual`, past no denial; and it changes no outcome.
    #[test]
    fn an_emergency_reaches_past_marked_rules_and_nothing_else(
        rules in random::rules(),
        opt_outs in proptest::collection::vec(random::opt_out(), 0..4),
    ) {
        let world = World::new(&rules, &opt_outs, false);
        for (input, number) in random::inputs().into_iter().zip(1_000u128..) {
            let before = world.ask(&world.opt_outs, &input);
            let exempt: BTreeSet<RuleId> =
                before.applied.iter().flat_map(|applied| applied.rules.clone()).collect();
            let taken_out = before.applied.iter().any(|applied| applied.direction == Direction::ToManual);
            let marked = before.matches[&Question::Automate]
                .forbids
                .iter()
                .filter(|rule| world.policy.rule(rule).unwrap().exemptible.by_break_glass());
            let without: BTreeSet<RuleId> = exempt.iter().chain(marked).cloned().collect();
            let reaches = before.effective == Outcome::Review
                && !taken_out
                && outcome(&before, &without, false) == Outcome::Automate;

            let mut broken = grant(number, &input, &before);
            broken.break_glass = true;
            broken.approved_at = tuesday();
            let after = ask(&snapshot(&world.policy, &world.view, &world.opt_outs, &[broken.clone()]), &input);
            prop_assert_eq!(after.answer, before.answer || reaches, "{:?}", before);
            prop_assert_eq!(after.grant, reaches.then_some(broken.id));
            prop_assert_eq!(after.effective, before.effective);
            prop_assert_eq!(policy::in_emergency(&world.policy, &before).is_ok(), reaches);
        }
    }

    /// Invariant 5, both ways: the outcome, and the answer with the grants that there are.
    #[test]
    fn one_more_opt_out_moves_outcomes_one_way_only(
        rules in random::rules(),
        opt_outs in proptest::collection::vec(random::opt_out(), 1..6),
        granted: bool,
        first in 0usize..2,
    ) {
        let world = World::new(&rules, &opt_outs, granted);
        let (added, others) = world.opt_outs.split_last().unwrap();
        let before = snapshot(&world.policy, &world.view, others, &world.grants);
        let after = snapshot(&world.policy, &world.view, &world.opt_outs, &world.grants);
        for input in random::inputs().into_iter().skip(first).step_by(2) {
            let (before, after) = (ask(&before, &input), ask(&after, &input));
            if added.direction == Direction::ToManual && before.matches != after.matches {
                // It reaches the membership of a granted role as well, which counts no longer.
                prop_assert!(granted);
                continue;
            }
            prop_assert_eq!(before.base, after.base);
            prop_assert_eq!(&before.matches, &after.matches);
            match added.direction {
                Direction::ToManual => {
                    prop_assert!(after.effective >= before.effective);
                    prop_assert!(after.answer <= before.answer);
                }
                Direction::Bypass => {
                    prop_assert!(after.effective <= before.effective);
                    prop_assert!(after.answer >= before.answer);
                }
            }
        }
    }

    /// The evaluation is what the formula says, on the opt-outs that apply when all are looked at one by one.
    #[test]
    fn it_is_the_formula(
        rules in random::rules(),
        opt_outs in proptest::collection::vec(random::opt_out(), 0..6),
        granted: bool,
        first in 0usize..2,
    ) {
        let world = World::new(&rules, &opt_outs, granted);
        let held = snapshot(&world.policy, &world.view, &world.opt_outs, &world.grants);
        for input in random::inputs().into_iter().skip(first).step_by(2) {
            let found = ask(&held, &input);
            let applying = applying(&world, &input, &found);
            let ids: Vec<_> = applying.iter().map(|one| one.id).collect();
            prop_assert_eq!(found.applied.iter().map(|one| one.opt_out).collect::<Vec<_>>(), ids);
            prop_assert_eq!(found.applied.iter().filter(|one| one.credited).count(), usize::from(!applying.is_empty()));
            let exempt: BTreeSet<RuleId> = applying
                .iter()
                .filter(|one| one.direction == Direction::Bypass)
                .flat_map(|one| one.scope.rules.iter().map(move |rule| (rule, one)))
                .filter(|(rule, one)| match world.policy.rule(rule).unwrap().exemptible {
                    Exemptible::No => false,
                    Exemptible::Bypass => one.approved_at.is_some(),
                    Exemptible::BreakGlass => true,
                    Exemptible::BreakGlassOnly => one.break_glass.is_some(),
                })
                .map(|(rule, _)| rule.clone())
                .collect();
            let to_manual = applying.iter().any(|one| one.direction == Direction::ToManual);
            prop_assert_eq!(found.base, outcome(&found, &BTreeSet::new(), false));
            prop_assert_eq!(found.effective, outcome(&found, &exempt, to_manual));
            let may_answer_yes = match found.effective {
                Outcome::Automate => true,
                Outcome::Review => found.grant.is_some(),
                Outcome::Deny => false,
            };
            prop_assert_eq!(found.answer, may_answer_yes);
        }
    }

    /// What an opt-out did by itself: without it the outcome would have been another, all others being there. Only a rule
    /// that two of them take out is credited to both.
    #[test]
    fn an_effect_is_what_would_be_otherwise_without_it(
        rules in random::rules(),
        opt_outs in proptest::collection::vec(random::opt_out(), 1..6),
        first in 0usize..3,
    ) {
        let world = World::new(&rules, &opt_outs, false);
        for input in random::inputs().into_iter().skip(first).step_by(3) {
            let found = world.ask(&world.opt_outs, &input);
            let any_to_manual = found.applied.iter().any(|one| one.direction == Direction::ToManual);
            for (applied, effect) in found.applied.iter().zip(effects(&found)) {
                let others: Vec<OptOut> =
                    world.opt_outs.iter().filter(|one| one.id != applied.opt_out).cloned().collect();
                let without = world.ask(&others, &input);
                let alone = applied.rules.iter().all(|rule| {
                    found.applied.iter().filter(|one| one.rules.contains(rule)).count() == 1
                }) && (applied.direction == Direction::Bypass
                    || found.applied.iter().filter(|one| one.direction == Direction::ToManual).count() == 1);
                let differs = without.effective != found.effective;
                if alone {
                    prop_assert_eq!(effect == UseEffect::Changed, differs);
                } else if differs {
                    prop_assert_eq!(effect, UseEffect::Changed);
                }
                prop_assert!(effect != UseEffect::Hidden || (any_to_manual && applied.direction == Direction::Bypass));
                prop_assert!(applied.direction == Direction::ToManual || effect != UseEffect::Changed || !applied.rules.is_empty());
            }
        }
    }

    /// Invariant 10: the recorded input, under the recorded policy and the recorded opt-out revisions, read back from
    /// JSON, comes to the very same evaluation.
    #[test]
    fn a_decision_replays(
        rules in random::rules(),
        opt_outs in proptest::collection::vec(random::opt_out(), 0..6),
        granted: bool,
    ) {
        let world = World::new(&rules, &opt_outs, granted);
        let again = Arc::new(PolicyVersion::load(world.policy.files()).unwrap());
        let view = Arc::new(DirectoryView::new(&again, Arc::clone(world.view.directory())).unwrap());
        for input in random::inputs().into_iter().step_by(3) {
            let found = world.ask(&world.opt_outs, &input);
            let recorded = serde_json::to_string(&(&input, &world.opt_outs, &world.grants, &found)).unwrap();
            let (input, opt_outs, grants, found): (Input, Vec<OptOut>, Vec<Grant>, Evaluation) =
                serde_json::from_str(&recorded).unwrap();
            let mut builder = policy::Snapshot::builder(1, Arc::clone(&again), Arc::clone(&view));
            for opt_out in opt_outs {
                if found.considered.contains(&(opt_out.id, opt_out.revision)) {
                    builder = builder.opt_out(Arc::new(opt_out), Uses::new(0));
                }
            }
            for grant in grants {
                builder = builder.grant(Arc::new(grant));
            }
            let replayed = evaluate(&builder.build().unwrap(), &input, tuesday(), &Without::nothing());
            prop_assert_eq!(replayed, found);
        }
    }
}
