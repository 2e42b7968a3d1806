//! Invariants 1 and 2: who decides, and that everybody counts once.

use crate::generate::{PERSONS, at, people, person, plan, quorum};
use crate::quorum::is_filled;
use crate::reached::holds_where_reached;
use domain::access_request::{AccessRequestEvent, AccessRequestState};
use domain::approval::{
    Approver, Concerned, Exclusion, Exclusions, LONGEST_REASON, Plan, PlanError, Quorum, Stage, Standing,
    Verdict, Vote, VoteError, Voter, Votes, cast, standing, void_reason,
};
use domain::name::{GroupName, PersonId};
use domain::opt_out::{OptOutEvent, OptOutState};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use std::collections::BTreeSet;

type People = [(PersonId, BTreeSet<Approver>)];

pub(crate) fn vote(person: &(PersonId, BTreeSet<Approver>), stage: u32, verdict: Verdict) -> Vote {
    Vote {
        person: person.0.clone(),
        stage,
        verdict,
        capacities: person.1.clone(),
        reason: "because".to_owned(),
        at: at(0),
        behalf: None,
        shown: None,
        signed_in: None,
    }
}

pub(crate) fn voter(person: &(PersonId, BTreeSet<Approver>)) -> Voter {
    Voter {
        person: person.0.clone(),
        capacities: person.1.clone(),
        lent: Vec::new(),
    }
}

/// Lets these persons try to approve one after the other, and keeps what was accepted.
fn approvals(plan: &Plan, people: &People, excluded: &Exclusions, order: &[usize]) -> Vec<Vote> {
    let mut votes = Vec::new();
    for number in order {
        let verdict = Verdict::Approve;
        if let Ok(ballot) = cast(
            plan,
            &votes,
            excluded,
            voter(&people[*number]),
            verdict,
            "",
            at(0),
        ) {
            votes.push(ballot.vote);
        }
    }
    votes
}

/// Where an item stands, by counting out.
fn counted(plan: &Plan, votes: &[Vote]) -> Standing {
    let open = (0u32..).zip(&plan.stages).find(|(place, stage)| {
        let people: Vec<_> = votes
            .iter()
            .filter(|vote| vote.stage == *place)
            .map(|vote| vote.capacities.clone())
            .collect();
        !is_filled(&stage.quorum, &people)
    });
    match open {
        Some((stage, _)) => Standing::Open { stage },
        None => Standing::Approved,
    }
}

fn backwards(quorum: &Quorum) -> Quorum {
    match quorum {
        Quorum::AtLeast { n, of } => Quorum::AtLeast {
            n: *n,
            of: of.iter().rev().cloned().collect(),
        },
        Quorum::All { all } => Quorum::All {
            all: all.iter().rev().map(backwards).collect(),
        },
        Quorum::Any { any } => Quorum::Any {
            any: any.iter().rev().map(backwards).collect(),
        },
    }
}

/// One vote per person, at random stages.
fn votes() -> impl Strategy<Value = Vec<Vote>> {
    (people(), vec(proptest::option::of(0u32..3), PERSONS)).prop_map(|(people, stages)| {
        people
            .iter()
            .zip(stages)
            .filter_map(|(person, stage)| stage.map(|stage| vote(person, stage, Verdict::Approve)))
            .collect()
    })
}

fn order() -> impl Strategy<Value = Vec<usize>> {
    vec(0..PERSONS, 0..12)
}

proptest! {
    /// Invariant 1: whoever becomes excluded after a vote is left out of the standing, whatever they had voted for.
    #[test]
    fn vote_of_somebody_excluded_later_does_not_count(
        plan in plan(), people in people(), order in order(), later in btree_set(0..PERSONS, 0..3),
        gone in btree_set(0..PERSONS, 0..3),
    ) {
        let nobody = Exclusions::default();
        let votes = approvals(&plan, &people, &nobody, &order);
        let mut excluded = Exclusions::default();
        later.iter().for_each(|number| excluded.add(person(*number), Exclusion::Beneficiary));
        let is_there = |someone: &PersonId| !gone.iter().any(|number| person(*number) == *someone);
        let (void, counted): (Vec<_>, Vec<_>) =
            votes.iter().cloned().partition(|vote| void_reason(vote, &excluded, is_there).is_some());
        for vote in &counted {
            prop_assert!(excluded.of(&vote.person).is_none() && is_there(&vote.person));
        }
        for vote in &void {
            prop_assert!(excluded.of(&vote.person).is_some() || !is_there(&vote.person));
        }
        // Whatever is approved is approved by those alone who may still decide.
        if standing(&plan, &counted) == Standing::Approved {
            let able: Vec<_> = people.iter().filter(|one| excluded.of(&one.0).is_none() && is_there(&one.0)).cloned().collect();
            prop_assert!(plan.feasible(&[], &able).is_ok());
        }
        // Nobody whose vote is void fills a seat by another one while the reason stands.
        for number in &later {
            let votes = Votes { counted: &counted, void: &void };
            let result = cast(&plan, votes, &excluded, voter(&people[*number]), Verdict::Approve, "", at(0));
            prop_assert!(matches!(result, Err(VoteError::Excluded(_) | VoteError::Settled)), "{:?}", result);
        }
    }

    /// Invariant 1, for exclusions that are known before the first vote, and for denials as well.
    #[test]
    fn an_excluded_person_never_votes(
        plan in plan(), people in people(), order in order(),
        first in btree_set(0..PERSONS, 0..3), later in btree_set(0..PERSONS, 0..3), deny in any::<bool>(),
    ) {
        let exclusions = |numbers: &BTreeSet<usize>, why| {
            let mut excluded = Exclusions::default();
            numbers.iter().for_each(|number| excluded.add(person(*number), why));
            excluded
        };
        let excluded = exclusions(&first, Exclusion::Requester).union(&exclusions(&later, Exclusion::Beneficiary));
        for number in &first {
            prop_assert_eq!(excluded.of(&person(*number)), Some(Exclusion::Requester));
        }
        let votes = approvals(&plan, &people, &excluded, &order);
        prop_assert!(votes.iter().all(|vote| excluded.of(&vote.person).is_none()));
        let verdict = if deny { Verdict::Deny } else { Verdict::Approve };
        for number in first.union(&later) {
            let result = cast(&plan, &votes, &excluded, voter(&people[*number]), verdict, "because", at(0));
            let refused = matches!(result, Err(VoteError::Excluded(_) | VoteError::Settled));
            prop_assert!(refused, "{:?}", result);
        }
    }

    /// Invariant 2, over all stages.
    #[test]
    fn a_person_counts_once_over_all_stages(plan in plan(), people in people(), order in order()) {
        let votes = approvals(&plan, &people, &Exclusions::default(), &order);
        let distinct: BTreeSet<_> = votes.iter().map(|vote| &vote.person).collect();
        prop_assert_eq!(distinct.len(), votes.len());
        if standing(&plan, &votes) == Standing::Approved {
            let all = Quorum::All { all: plan.stages.iter().map(|stage| stage.quorum.clone()).collect() };
            let capacities: Vec<_> = votes.iter().map(|vote| vote.capacities.clone()).collect();
            prop_assert!(is_filled(&all, &capacities));
        }
    }

    /// Invariant 2, where the store handed the same person's votes over twice, under another stage and group.
    #[test]
    fn votes_of_one_person_do_not_add_up(plan in plan(), votes in votes(), again in 0u32..3) {
        let mut doubled = votes.clone();
        doubled.extend(votes.iter().map(|vote| Vote { stage: again, ..vote.clone() }));
        prop_assert_eq!(standing(&plan, &doubled), standing(&plan, &votes));
    }

    #[test]
    fn the_matching_of_seats_agrees_with_counting_out(plan in plan(), votes in votes()) {
        prop_assert_eq!(plan.check(), Ok(()));
        prop_assert_eq!(standing(&plan, &votes), counted(&plan, &votes));
    }

    /// A quorum is `>=`: one more approval never takes one away.
    #[test]
    fn another_approval_never_sets_an_item_back(plan in plan(), votes in votes()) {
        let rank = |standing| match standing {
            Standing::Open { stage } => stage,
            Standing::Approved => u32::MAX,
            Standing::Denied => panic!("nobody denied"),
        };
        let ranks: Vec<u32> = (0..=votes.len()).map(|most| rank(standing(&plan, &votes[..most]))).collect();
        prop_assert!(ranks.is_sorted(), "{:?}", ranks);
    }

    #[test]
    fn the_order_of_approvers_and_votes_does_not_matter(plan in plan(), votes in votes()) {
        let turned = Plan {
            stages: plan.stages.iter().map(|stage| Stage {
                quorum: backwards(&stage.quorum),
                ..stage.clone()
            }).collect(),
        };
        let reversed: Vec<Vote> = votes.iter().rev().cloned().collect();
        prop_assert_eq!(standing(&turned, &votes), standing(&plan, &votes));
        prop_assert_eq!(standing(&plan, &reversed), standing(&plan, &votes));
    }

    #[test]
    fn feasible_agrees_with_counting_out(plan in plan(), people in people()) {
        let all = Quorum::All { all: plan.stages.iter().map(|stage| stage.quorum.clone()).collect() };
        let capacities: Vec<_> = people.iter().map(|(_, can)| can.clone()).collect();
        prop_assert_eq!(plan.feasible(&[], &people).is_ok(), is_filled(&all, &capacities));
    }

    #[test]
    fn a_person_listed_twice_makes_nothing_feasible(plan in plan(), people in people(), most in 0..PERSONS) {
        let few = &people[..most];
        let mut doubled = few.to_vec();
        doubled.extend_from_slice(few);
        prop_assert_eq!(plan.feasible(&[], &doubled), plan.feasible(&[], few));
    }

    #[test]
    fn a_union_is_at_least_as_strict_as_either(one in plan(), two in plan(), votes in votes()) {
        if standing(&one.union(&two), &votes) == Standing::Approved {
            prop_assert_eq!(standing(&one, &votes), Standing::Approved);
            prop_assert_eq!(standing(&two, &votes), Standing::Approved);
        }
    }

    /// Each vote is judged again under the published policy: that must not raise the bar each time.
    #[test]
    fn a_union_with_what_it_holds_already_changes_nothing(one in plan(), two in plan(), three in plan()) {
        let both = one.union(&two);
        prop_assert_eq!(both.union(&one), both.clone());
        prop_assert_eq!(both.union(&two), both.clone());
        let all = both.union(&three);
        prop_assert_eq!(all.union(&two), all);
    }

    #[test]
    fn a_quorum_joined_with_a_weaker_one_stays_itself(quorum in quorum(), votes in votes()) {
        let stage = |quorum| Plan { stages: vec![Stage::new("one", quorum)] };
        let weaker = Quorum::Any { any: vec![quorum.clone(), Quorum::AtLeast { n: 1, of: vec![Approver::Person(person(0))] }] };
        let joined = stage(weaker).union(&stage(quorum.clone()));
        prop_assert_eq!(standing(&joined, &votes), standing(&stage(quorum), &votes));
    }

    #[test]
    fn whoever_the_open_stage_does_not_ask_cannot_vote(plan in plan(), people in people(), order in order()) {
        let nobody = Exclusions::default();
        let votes = approvals(&plan, &people, &nobody, &order);
        if let Standing::Open { stage } = standing(&plan, &votes) {
            let asked = plan.stages[stage as usize].quorum.approvers();
            for one in people.iter().filter(|one| votes.iter().all(|vote| vote.person != one.0)) {
                let result = cast(&plan, &votes, &nobody, voter(one), Verdict::Approve, "", at(0));
                let expected = one.1.iter().any(|can| asked.contains(can));
                prop_assert_eq!(result.is_ok(), expected);
                if let Ok(ballot) = result {
                    // Votes keep all capacities: a stricter policy may ask for another of them later.
                    prop_assert_eq!(&ballot.vote.capacities, &one.1);
                    prop_assert_eq!(ballot.vote.stage, stage);
                }
            }
        }
    }
}

/// The stored state can follow wherever votes and a stricter policy lead, back to an earlier stage included.
#[test]
fn the_state_machines_follow_the_standing() {
    let cases = (plan(), plan(), people(), order(), order());
    holds_where_reached(cases, 4, |(frozen, stricter, people, before, after)| {
        let mut request = AccessRequestState::Submitted;
        let mut opt_out = OptOutState::Requested;
        let mut votes: Vec<Vote> = Vec::new();
        let plans = [frozen.clone(), frozen.union(&stricter)];
        for (plan, order) in plans.iter().zip([&before, &after]) {
            let mut seen = vec![standing(plan, &votes)];
            for number in order {
                let nobody = Exclusions::default();
                let result = cast(
                    plan,
                    &votes,
                    &nobody,
                    voter(&people[*number]),
                    Verdict::Approve,
                    "",
                    at(0),
                );
                if let Ok(ballot) = result {
                    votes.push(ballot.vote);
                    seen.push(ballot.standing);
                }
            }
            for standing in seen {
                match standing {
                    Standing::Open { stage } if request == (AccessRequestState::InReview { stage }) => {}
                    Standing::Open { stage } => {
                        request = request.on(AccessRequestEvent::StageReached(stage)).unwrap();
                        opt_out = opt_out.on(OptOutEvent::StageReached(stage)).unwrap();
                    }
                    Standing::Approved => {
                        prop_assert!(request.on(AccessRequestEvent::Approved).is_ok());
                        prop_assert!(opt_out.on(OptOutEvent::Approved).is_ok());
                        return Ok(true);
                    }
                    Standing::Denied => panic!("nobody denied"),
                }
            }
        }
        Ok(!votes.is_empty())
    });
}

#[test]
fn a_denial_needs_a_reason_and_settles_it() {
    let cases = (plan(), people(), order(), "[ \t\n\u{200b}\u{2060}]{0,5}");
    holds_where_reached(cases, 4, |(plan, people, order, blank)| {
        let nobody = Exclusions::default();
        let votes = approvals(&plan, &people, &nobody, &order);
        let mut denied = false;
        for one in &people {
            let silent = cast(&plan, &votes, &nobody, voter(one), Verdict::Deny, &blank, at(0));
            prop_assert!(silent.is_err());
            if silent != Err(VoteError::ReasonMissing) {
                continue;
            }
            denied = true;
            let ballot = cast(&plan, &votes, &nobody, voter(one), Verdict::Deny, " no ", at(0)).unwrap();
            prop_assert_eq!(ballot.standing, Standing::Denied);
            prop_assert_eq!(&ballot.vote.reason, "no");
            let mut all = votes.clone();
            all.push(ballot.vote);
            for other in &people {
                let late = cast(&plan, &all, &nobody, voter(other), Verdict::Approve, "", at(0));
                prop_assert_eq!(late, Err(VoteError::Settled));
            }
        }
        Ok(denied)
    });
}

fn of(n: u32, of: &[Approver]) -> Quorum {
    Quorum::AtLeast { n, of: of.to_vec() }
}

fn single(quorum: Quorum) -> Plan {
    Plan {
        stages: vec![Stage::new("only", quorum)],
    }
}

fn named(name: &str) -> Approver {
    Approver::Group(GroupName::new(name).unwrap())
}

#[test]
fn a_plan_without_stages_approves_nothing() {
    let plan = Plan { stages: Vec::new() };
    assert_eq!(plan.check(), Err(PlanError::NoStage));
    assert_eq!(plan.feasible(&[], &[]), Err(PlanError::NoStage));
    assert_eq!(standing(&plan, &[]), Standing::Open { stage: 0 });
    let someone = (person(0), BTreeSet::from([Approver::Person(person(0))]));
    let nobody = Exclusions::default();
    assert_eq!(
        cast(&plan, &[], &nobody, voter(&someone), Verdict::Approve, "", at(0)),
        Err(VoteError::NotEligible)
    );
}

#[test]
fn a_quorum_of_nobody_is_refused_and_approves_nothing() {
    let empty = [
        of(0, &[named("a")]),
        of(1, &[]),
        Quorum::All { all: Vec::new() },
        Quorum::Any { any: Vec::new() },
        Quorum::Any {
            any: vec![of(0, &[named("a")]), of(1, &[named("a")])],
        },
    ];
    for quorum in empty {
        let plan = single(quorum);
        assert_eq!(plan.check(), Err(PlanError::Nobody("only".to_owned())));
        assert_eq!(standing(&plan, &[]), Standing::Open { stage: 0 }, "{plan:?}");
    }
}

#[test]
fn a_seat_of_unresolved_owners_is_filled_by_nobody() {
    let plan = single(of(1, &[Approver::ResourceOwners]));
    let pretender = (person(0), BTreeSet::from([Approver::ResourceOwners]));
    assert_eq!(
        plan.feasible(&[], std::slice::from_ref(&pretender)),
        Err(PlanError::Impossible("only".to_owned()))
    );
    let stored = vote(&pretender, 0, Verdict::Approve);
    assert_eq!(standing(&plan, &[stored]), Standing::Open { stage: 0 });
    let nobody = Exclusions::default();
    assert_eq!(
        cast(
            &plan,
            &[],
            &nobody,
            voter(&pretender),
            Verdict::Approve,
            "",
            at(0)
        ),
        Err(VoteError::NotEligible)
    );
    let nobodys = plan.stages[0].resolve(&Concerned::default());
    assert_eq!(nobodys, plan.stages[0], "no team owns it: it stays unfilled");
}

#[test]
fn each_team_that_owns_a_part_has_to_agree() {
    let stage = Stage::new("owners", of(1, &[Approver::ResourceOwners]));
    let concerned = Concerned {
        owners: ["a", "b"].map(|name| GroupName::new(name).unwrap()).into(),
        manager: None,
    };
    let resolved = Plan {
        stages: vec![stage.resolve(&concerned)],
    };
    let one = (person(0), BTreeSet::from([named("a"), named("b")]));
    let two = (person(1), BTreeSet::from([named("b")]));
    assert!(resolved.feasible(&[], std::slice::from_ref(&one)).is_err());
    assert_eq!(resolved.feasible(&[], &[one, two]), Ok(()));
}

#[test]
fn a_union_asks_for_the_greater_of_two_numbers() {
    let (a, b) = (named("a"), named("b"));
    let two = single(of(2, std::slice::from_ref(&a)));
    let one_of_many = single(of(1, &[a, b.clone()]));
    assert_eq!(two.union(&one_of_many), two);
    assert_eq!(one_of_many.union(&two), two);
    // Neither includes the other: two of these and one of those, three persons.
    let one_of_others = single(of(1, &[b]));
    let both = Quorum::All {
        all: vec![
            two.stages[0].quorum.clone(),
            one_of_others.stages[0].quorum.clone(),
        ],
    };
    assert_eq!(two.union(&one_of_others), single(both));
}

#[test]
fn nobody_votes_as_somebody_else() {
    let plan = single(of(1, &[Approver::Person(person(1))]));
    let pretender = (person(0), BTreeSet::from([Approver::Person(person(1))]));
    let nobody = Exclusions::default();
    assert_eq!(
        cast(
            &plan,
            &[],
            &nobody,
            voter(&pretender),
            Verdict::Approve,
            "",
            at(0)
        ),
        Err(VoteError::NotEligible)
    );
}

#[test]
fn a_plan_that_is_too_large_to_judge_is_refused() {
    let choice = Quorum::Any {
        any: vec![of(1, &[named("a")]), of(1, &[named("b")])],
    };
    let wide = single(Quorum::All {
        all: vec![choice.clone(); 9],
    });
    assert_eq!(wide.check(), Err(PlanError::TooLarge("only".to_owned())));
    assert_eq!(
        single(of(33, &[named("a")])).check(),
        Err(PlanError::TooLarge("only".to_owned()))
    );
    let nested = (0..7).fold(of(1, &[named("a")]), |inner, _| Quorum::Any { any: vec![inner] });
    assert_eq!(
        single(nested).check(),
        Err(PlanError::TooLarge("only".to_owned()))
    );
    // Each stage is small, but distinct persons over all of them are too many combinations.
    let long = Plan {
        stages: (0..9)
            .map(|place| Stage::new(place.to_string(), choice.clone()))
            .collect(),
    };
    assert_eq!(long.check(), Err(PlanError::TooLarge("8".to_owned())));
}

#[test]
fn a_reason_has_a_longest_length_in_characters() {
    let plan = single(of(1, &[named("a")]));
    let one = (person(0), BTreeSet::from([named("a")]));
    let nobody = Exclusions::default();
    let with = |length: usize| {
        let reason = "é".repeat(length);
        cast(&plan, &[], &nobody, voter(&one), Verdict::Deny, &reason, at(0))
    };
    assert!(with(LONGEST_REASON).is_ok());
    assert_eq!(with(LONGEST_REASON + 1), Err(VoteError::ReasonTooLong));
}

#[test]
fn an_ambiguous_quorum_is_not_read_as_the_laxer_one() {
    let read = |text: &str| serde_json::from_str::<Quorum>(text);
    assert!(read(r#"{"n":1,"of":[{"group":"a"}]}"#).is_ok());
    assert!(read(r#"{"n":1,"of":[{"group":"a"}],"all":[]}"#).is_err());
    assert!(read(r#"{"any":[{"n":1,"of":[{"group":"a"}]}],"all":[]}"#).is_err());
    assert!(read(r#"{"n":-1,"of":[{"group":"a"}]}"#).is_err());
}
