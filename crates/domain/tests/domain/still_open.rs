//! Votes may make an item impossible: a yes fills a seat of its own stage, a no fills none, and both use somebody up.

use crate::approval::{vote, voter};
use crate::generate::{PERSONS, at, group, people, person, plan};
use crate::quorum::fillings;
use crate::reached::holds_where_reached;
use domain::approval::{
    Approver, Behalf, Exclusions, Plan, PlanError, Quorum, Stage, Standing, Verdict, Vote, cast, noes_left,
    standing,
};
use domain::id::DelegationId;
use domain::name::PersonId;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

type Somebody = (PersonId, BTreeSet<Approver>);

fn alone(number: usize) -> Somebody {
    (person(number), BTreeSet::from([Approver::Person(person(number))]))
}

fn of(n: u32, numbers: &[usize]) -> Quorum {
    Quorum::AtLeast {
        n,
        of: numbers
            .iter()
            .map(|number| Approver::Person(person(*number)))
            .collect(),
    }
}

fn stages(quorums: &[Quorum]) -> Plan {
    Plan {
        stages: quorums
            .iter()
            .zip(1..)
            .map(|(quorum, number)| Stage::new(format!("stage {number}"), quorum.clone()))
            .collect(),
    }
}

/// By counting out: whether disjoint sets of persons fill every stage that is open, a voter only in their own stage.
fn counted(plan: &Plan, votes: &[Vote], people: &[Somebody]) -> bool {
    let voted = |person: &PersonId| votes.iter().find(|vote| vote.person == *person);
    let can_in = |place: u32| -> Vec<BTreeSet<Approver>> {
        people
            .iter()
            .map(|(person, can)| match voted(person) {
                None => can.clone(),
                Some(vote) if vote.stage == place && vote.verdict == Verdict::Approve => can.clone(),
                Some(_) => BTreeSet::new(),
            })
            .collect()
    };
    let mut so_far = BTreeSet::from([0u32]);
    for (place, stage) in (0u32..).zip(&plan.stages) {
        let cast: Vec<BTreeSet<Approver>> = people
            .iter()
            .map(|(person, can)| match voted(person) {
                Some(vote) if vote.stage == place && vote.verdict == Verdict::Approve => can.clone(),
                Some(_) | None => BTreeSet::new(),
            })
            .collect();
        if !fillings(&stage.quorum, &cast).is_empty() {
            continue;
        }
        let ways = fillings(&stage.quorum, &can_in(place));
        so_far = so_far
            .iter()
            .flat_map(|one| {
                ways.iter()
                    .filter(move |two| one & **two == 0)
                    .map(move |two| one | two)
            })
            .collect();
    }
    !so_far.is_empty()
}

#[test]
fn what_is_left_agrees_with_counting_out() {
    let cases = (plan(), people(), vec((0..PERSONS, any::<bool>()), 0..6));
    holds_where_reached(cases, 8, |(plan, people, acts)| {
        let plan = Plan {
            stages: plan
                .stages
                .into_iter()
                .map(|stage| Stage { denials: 3, ..stage })
                .collect(),
        };
        let mut votes = Vec::new();
        for (number, yes) in acts {
            let verdict = if yes { Verdict::Approve } else { Verdict::Deny };
            let nobody = Exclusions::default();
            let ballot = cast(
                &plan,
                &votes,
                &nobody,
                voter(&people[number]),
                verdict,
                "why",
                at(0),
            );
            votes.extend(ballot.ok().map(|ballot| ballot.vote));
        }
        if !matches!(standing(&plan, &votes), Standing::Open { .. }) {
            return Ok(false);
        }
        prop_assert_eq!(
            plan.feasible(&votes, &people).is_ok(),
            counted(&plan, &votes, &people)
        );
        Ok(!votes.is_empty())
    });
}

#[test]
fn whoever_fills_a_seat_cannot_fill_a_later_one() {
    let plan = stages(&[of(1, &[0, 1]), of(1, &[0])]);
    let people = [alone(0), alone(1)];
    assert_eq!(plan.feasible(&[], &people), Ok(()));
    let other = vote(&people[1], 0, Verdict::Approve);
    assert_eq!(plan.feasible(std::slice::from_ref(&other), &people), Ok(()));
    let only_one = vote(&people[0], 0, Verdict::Approve);
    let impossible = Err(PlanError::Impossible("stage 2".to_owned()));
    assert_eq!(
        plan.feasible(std::slice::from_ref(&only_one), &people),
        impossible
    );
    // The fallback fills what is open, and nothing of what was said is undone.
    let fallback = [Approver::Group(group(0))];
    let somebody = (person(2), BTreeSet::from([Approver::Group(group(0))]));
    let everybody = [alone(0), alone(1), somebody.clone()];
    let mut widened = plan;
    let joined = widened
        .fall_back(&fallback, std::slice::from_ref(&only_one), &everybody, at(1))
        .unwrap();
    assert_eq!(joined.iter().map(|(stage, _)| *stage).collect::<Vec<_>>(), [1]);
    let votes = [
        only_one,
        Vote {
            at: at(2),
            ..vote(&somebody, 1, Verdict::Approve)
        },
    ];
    assert_eq!(standing(&widened, &votes), Standing::Approved);
}

#[test]
fn a_no_fills_no_seat_and_uses_its_voter_up() {
    let mut plan = stages(&[of(2, &[0, 1])]);
    plan.stages[0].denials = 2;
    let people = [alone(0), alone(1)];
    assert_eq!(
        (plan.feasible(&[], &people), noes_left(&plan, &[])),
        (Ok(()), Some(2))
    );
    let no = [vote(&people[0], 0, Verdict::Deny)];
    assert_eq!(standing(&plan, &no), Standing::Open { stage: 0 });
    assert_eq!(noes_left(&plan, &no), Some(1));
    assert!(plan.feasible(&no, &people).is_err());
    let settled = [no[0].clone(), vote(&people[1], 0, Verdict::Deny)];
    assert_eq!(noes_left(&plan, &settled), None);
}

#[test]
fn in_whose_place_somebody_voted_is_used_up_too() {
    let plan = stages(&[of(1, &[0]), of(1, &[0, 1])]);
    let lent = Vote {
        person: person(2),
        behalf: Some(Behalf {
            person: person(0),
            delegation: DelegationId::from_uuid(uuid::Uuid::from_u128(1)),
        }),
        ..vote(&alone(0), 0, Verdict::Approve)
    };
    assert_eq!(
        plan.feasible(std::slice::from_ref(&lent), &[alone(0), alone(1)]),
        Ok(())
    );
    assert!(plan.feasible(&[lent], &[alone(0)]).is_err());
}

#[test]
fn who_has_left_since_still_counts() {
    let plan = stages(&[of(2, &[0, 1])]);
    let gone = vote(&alone(0), 0, Verdict::Approve);
    assert_eq!(plan.feasible(&[gone], &[alone(1)]), Ok(()));
}
