//! Who decides in another's place: a seat is lent, never made.

use crate::generate::{people, person, plan};
use crate::reached::holds_where_reached;
use domain::approval::{
    Approver, Behalf, Delegation, DelegationError, DelegationScope, DelegationState, Exclusion, Exclusions,
    Lent, Plan, Quorum, Stage, Standing, Verdict, Vote, VoteError, Voter, cast, standing,
};
use domain::id::DelegationId;
use domain::name::PersonId;
use domain::window::{Instant, Window};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Seconds.
fn at(secs: i64) -> Instant {
    crate::generate::at(secs * 1_000_000)
}

fn delegation(from: usize, to: usize) -> Delegation {
    Delegation {
        id: DelegationId::from_uuid(uuid::Uuid::nil()),
        from: person(from),
        to: person(to),
        window: Window::new(at(10), at(20)).unwrap(),
        reason: "on leave".to_owned(),
        scope: DelegationScope::default(),
        made_at: at(5),
        ended_at: None,
    }
}

fn group(name: &str) -> Approver {
    Approver::Group(name.parse().unwrap())
}

fn security(n: u32) -> Plan {
    Plan {
        stages: vec![Stage::new(
            "security",
            Quorum::AtLeast {
                n,
                of: vec![group("security")],
            },
        )],
    }
}

fn member(number: usize) -> (PersonId, BTreeSet<Approver>) {
    (
        person(number),
        BTreeSet::from([group("security"), Approver::Person(person(number))]),
    )
}

fn lent_by(giver: &(PersonId, BTreeSet<Approver>)) -> Lent {
    Lent {
        behalf: Behalf {
            person: giver.0.clone(),
            delegation: DelegationId::from_uuid(uuid::Uuid::nil()),
        },
        capacities: giver.1.clone(),
    }
}

fn deputy(number: usize, of: &[&(PersonId, BTreeSet<Approver>)]) -> Voter {
    Voter {
        person: person(number),
        capacities: BTreeSet::from([Approver::Person(person(number))]),
        lent: of.iter().map(|giver| lent_by(giver)).collect(),
    }
}

fn approve(plan: &Plan, votes: &[Vote], excluded: &Exclusions, voter: Voter) -> Result<Vote, VoteError> {
    cast(plan, votes, excluded, voter, Verdict::Approve, "", at(0)).map(|ballot| ballot.vote)
}

#[test]
fn it_counts_from_its_start_to_its_end_and_no_longer_once_ended() {
    let standing = |ended: Option<i64>, now: i64| {
        Delegation {
            ended_at: ended.map(at),
            ..delegation(0, 1)
        }
        .state_at(at(now))
    };
    for (ended, now, state) in [
        (None, 9, DelegationState::Scheduled),
        (None, 10, DelegationState::Active),
        (None, 19, DelegationState::Active),
        (None, 20, DelegationState::Ended),
        (Some(15), 14, DelegationState::Active),
        (Some(15), 15, DelegationState::Ended),
        (Some(5), 9, DelegationState::Ended),
    ] {
        assert_eq!(standing(ended, now), state, "{ended:?} {now}");
    }
}

#[test]
fn it_lends_what_its_giver_has_within_its_scope() {
    let giver = BTreeSet::from([group("security"), group("owners"), Approver::Person(person(0))]);
    let tier = "high".parse().unwrap();
    let lends = |delegation: &Delegation, giver: &BTreeSet<Approver>| {
        delegation.lends(&tier, giver, at(12)).map(|lent| lent.capacities)
    };
    let all = delegation(0, 1);
    assert_eq!(lends(&all, &giver), Some(giver.clone()));
    // A giver who has left lends nothing.
    assert_eq!(lends(&all, &BTreeSet::new()), None);
    assert_eq!(all.lends(&tier, &giver, at(20)), None);
    let one_group = Delegation {
        scope: DelegationScope {
            groups: BTreeSet::from(["security".parse().unwrap()]),
            tiers: BTreeSet::new(),
        },
        ..delegation(0, 1)
    };
    assert_eq!(
        lends(&one_group, &giver),
        Some(BTreeSet::from([group("security")]))
    );
    let other_tier = Delegation {
        scope: DelegationScope {
            groups: BTreeSet::new(),
            tiers: BTreeSet::from(["low".parse().unwrap()]),
        },
        ..delegation(0, 1)
    };
    assert_eq!(lends(&other_tier, &giver), None);
}

#[test]
fn what_is_wrong_with_one() {
    assert_eq!(delegation(0, 1).check(), []);
    assert_eq!(delegation(1, 1).check(), [DelegationError::ToOneself]);
    let over = Delegation {
        made_at: at(20),
        reason: " . ".to_owned(),
        ..delegation(0, 1)
    };
    assert_eq!(
        over.check(),
        [DelegationError::ReasonTooShort, DelegationError::Over]
    );
    let long = Delegation {
        window: Window::new(at(10), at(11 + 90 * 86_400)).unwrap(),
        ..delegation(0, 1)
    };
    assert_eq!(long.check(), [DelegationError::TooLong]);
}

#[test]
fn a_vote_in_anothers_place_fills_their_seat_and_uses_up_both() {
    let (giver, plan, nobody) = (member(0), security(2), Exclusions::default());
    let vote = approve(&plan, &[], &nobody, deputy(1, &[&giver])).unwrap();
    assert_eq!(
        vote.behalf.as_ref().map(|behalf| &behalf.person),
        Some(&person(0))
    );
    assert_eq!(vote.capacities, giver.1);
    let votes = [vote];
    let own = Voter {
        person: person(0),
        capacities: giver.1.clone(),
        lent: Vec::new(),
    };
    assert_eq!(approve(&plan, &votes, &nobody, own), Err(VoteError::VotedFor));
    assert_eq!(
        approve(&plan, &votes, &nobody, deputy(1, &[&member(2)])),
        Err(VoteError::AlreadyVoted)
    );
    assert_eq!(
        approve(&plan, &votes, &nobody, deputy(3, &[&giver])),
        Err(VoteError::GiverVoted)
    );
    assert!(approve(&plan, &votes, &nobody, deputy(3, &[&giver, &member(2)])).is_ok());
}

#[test]
fn exclusions_of_either_bind() {
    let (giver, plan) = (member(0), security(1));
    let mut requester = Exclusions::default();
    requester.add(person(1), Exclusion::Requester);
    assert_eq!(
        approve(&plan, &[], &requester, deputy(1, &[&giver])),
        Err(VoteError::Excluded(Exclusion::Requester))
    );
    let mut beneficiary = Exclusions::default();
    beneficiary.add(person(0), Exclusion::Beneficiary);
    assert_eq!(
        approve(&plan, &[], &beneficiary, deputy(1, &[&giver])),
        Err(VoteError::GiverExcluded)
    );
    // Whoever is asked by themselves still is.
    let both = Voter {
        lent: vec![lent_by(&giver)],
        ..deputy(1, &[])
    };
    let member = Voter {
        capacities: member(1).1,
        ..both
    };
    let vote = approve(&plan, &[], &beneficiary, member).unwrap();
    assert_eq!(vote.behalf, None);
}

#[test]
fn nobody_lends_what_is_not_their_own() {
    let (plan, nobody) = (security(1), Exclusions::default());
    let mut pretender = member(0);
    pretender.1 = BTreeSet::from([Approver::Person(person(2))]);
    let only = Plan {
        stages: vec![Stage::new(
            "one",
            Quorum::AtLeast {
                n: 1,
                of: vec![Approver::Person(person(2))],
            },
        )],
    };
    assert_eq!(
        approve(&only, &[], &nobody, deputy(1, &[&pretender])),
        Err(VoteError::NotEligible)
    );
    // Oneself is no giver.
    assert_eq!(
        approve(&plan, &[], &nobody, deputy(1, &[&member(1)])),
        Err(VoteError::NotEligible)
    );
}

/// Invariant 2 with delegations: however seats are lent, whatever is approved is approved by as many distinct persons'
/// votes, and the givers alone could have done it.
#[test]
fn lending_makes_no_seat() {
    let persons = || 0..crate::generate::PERSONS;
    let cases = (plan(), people(), vec((persons(), persons()), 0..16));
    holds_where_reached(cases, 8, |(plan, people, order)| {
        let nobody = Exclusions::default();
        let mut votes: Vec<Vote> = Vec::new();
        for (voter, giver) in order {
            let voter = Voter {
                person: people[voter].0.clone(),
                capacities: people[voter].1.clone(),
                lent: vec![lent_by(&people[giver])],
            };
            votes.extend(approve(&plan, &votes, &nobody, voter).ok());
        }
        let used: Vec<&PersonId> = votes.iter().flat_map(Vote::persons).collect();
        let distinct: BTreeSet<&&PersonId> = used.iter().collect();
        prop_assert_eq!(used.len(), distinct.len());
        let as_givers: Vec<Vote> = votes
            .iter()
            .map(|vote| Vote {
                person: vote
                    .behalf
                    .as_ref()
                    .map_or(&vote.person, |behalf| &behalf.person)
                    .clone(),
                behalf: None,
                ..vote.clone()
            })
            .collect();
        prop_assert_eq!(standing(&plan, &as_givers), standing(&plan, &votes));
        if standing(&plan, &votes) == Standing::Approved {
            prop_assert!(plan.feasible(&[], &people).is_ok());
        }
        Ok(votes.iter().any(|vote| vote.behalf.is_some()))
    });
}
