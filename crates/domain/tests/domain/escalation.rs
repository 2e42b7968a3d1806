//! Silence asks more persons and approves nothing; too few left asks the fallback; some stages take more than one no.

use crate::generate::{people, person, plan};
use domain::approval::{
    Approver, Concerned, Escalation, Exclusions, Plan, PlanError, Quorum, Stage, Standing, Verdict, Vote,
    Voter, Widening, cast, silent_since, standing,
};
use domain::name::PersonId;
use domain::window::Instant;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Seconds.
fn at(secs: i64) -> Instant {
    crate::generate::at(secs * 1_000_000)
}

fn group(name: &str) -> Approver {
    Approver::Group(name.parse().unwrap())
}

fn member(number: usize, of: &str) -> (PersonId, BTreeSet<Approver>) {
    (person(number), BTreeSet::from([group(of)]))
}

fn stage(n: u32) -> Stage {
    Stage {
        escalate: vec![
            Escalation {
                after_secs: 60,
                to: vec![group("security")],
            },
            Escalation {
                after_secs: 120,
                to: vec![group("board")],
            },
        ],
        ..Stage::new(
            "owners",
            Quorum::AtLeast {
                n,
                of: vec![group("owners")],
            },
        )
    }
}

fn one(stage: Stage) -> Plan {
    Plan { stages: vec![stage] }
}

fn vote(
    plan: &Plan,
    votes: &mut Vec<Vote>,
    who: (PersonId, BTreeSet<Approver>),
    verdict: Verdict,
    now: i64,
) -> bool {
    let voter = Voter {
        person: who.0,
        capacities: who.1,
        lent: Vec::new(),
    };
    match cast(
        plan,
        &*votes,
        &Exclusions::default(),
        voter,
        verdict,
        "because",
        at(now),
    ) {
        Ok(ballot) => {
            votes.push(ballot.vote);
            true
        }
        Err(_) => false,
    }
}

#[test]
fn after_silence_the_next_list_is_asked_too_and_then_the_one_after_it() {
    let mut plan = one(stage(1));
    assert!(plan.escalate(0, at(0), at(59)).is_empty());
    let joined = plan.escalate(0, at(0), at(60));
    assert_eq!(joined.len(), 1);
    assert_eq!((joined[0].why, joined[0].at), (Widening::Silence, at(60)));
    assert!(plan.escalate(0, at(0), at(119)).is_empty());
    assert!(!vote(
        &plan,
        &mut Vec::new(),
        member(0, "board"),
        Verdict::Approve,
        119
    ));
    assert_eq!(plan.escalate(0, at(0), at(500)).len(), 1);
    assert!(plan.escalate(0, at(0), at(5_000)).is_empty());
    for of in ["owners", "security", "board"] {
        let mut votes = Vec::new();
        assert!(
            vote(&plan, &mut votes, member(0, of), Verdict::Approve, 500),
            "{of}"
        );
        assert_eq!(standing(&plan, &votes), Standing::Approved);
    }
    // Two lists that are due at once join together.
    assert_eq!(one(stage(1)).escalate(0, at(0), at(120)).len(), 2);
}

#[test]
fn it_asks_as_many_as_before_and_silence_begins_anew_with_each_vote() {
    let mut plan = one(stage(2));
    plan.escalate(0, at(0), at(60));
    let mut votes = Vec::new();
    assert!(vote(
        &plan,
        &mut votes,
        member(0, "security"),
        Verdict::Approve,
        70
    ));
    assert_eq!(standing(&plan, &votes), Standing::Open { stage: 0 });
    assert_eq!(silent_since(at(0), &votes), at(70));
    assert!(plan.escalate(0, silent_since(at(0), &votes), at(189)).is_empty());
    assert_eq!(plan.escalate(0, silent_since(at(0), &votes), at(190)).len(), 1);
    assert_eq!(standing(&plan, &votes), Standing::Open { stage: 0 });
    assert!(vote(
        &plan,
        &mut votes,
        member(1, "owners"),
        Verdict::Approve,
        200
    ));
    assert_eq!(standing(&plan, &votes), Standing::Approved);
}

#[test]
fn who_has_joined_stays_where_policy_says_the_same_and_not_where_it_asks_for_others() {
    let mut plan = one(stage(1));
    plan.escalate(0, at(0), at(60));
    assert_eq!(plan.union(&one(stage(1))), plan);
    let others = one(Stage::new(
        "owners",
        Quorum::AtLeast {
            n: 1,
            of: vec![group("counsel")],
        },
    ));
    let both = plan.union(&others);
    let mut votes = Vec::new();
    assert!(vote(
        &both,
        &mut votes,
        member(0, "security"),
        Verdict::Approve,
        60
    ));
    assert_eq!(standing(&both, &votes), Standing::Open { stage: 0 });
    // Two of the owners is more than one of them: who joined the one has not joined the two.
    let two = plan.union(&one(Stage::new(
        "owners",
        Quorum::AtLeast {
            n: 2,
            of: vec![group("owners")],
        },
    )));
    assert!(!vote(
        &two,
        &mut Vec::new(),
        member(0, "security"),
        Verdict::Approve,
        60
    ));
}

#[test]
fn the_fallback_joins_only_stages_that_too_few_are_left_for() {
    let plan = Plan {
        stages: vec![
            stage(1),
            Stage::new(
                "security",
                Quorum::AtLeast {
                    n: 1,
                    of: vec![group("security")],
                },
            ),
        ],
    };
    let left = [member(0, "security"), member(1, "board")];
    let mut widened = plan.clone();
    let joined = widened.fall_back(&[group("board")], &[], &left, at(7)).unwrap();
    assert_eq!(joined.len(), 1);
    assert_eq!((joined[0].0, joined[0].1.why), (0, Widening::NobodyLeft));
    assert_eq!(widened.stages[1], plan.stages[1]);
    assert_eq!(widened.feasible(&[], &left), Ok(()));
    // Once is enough.
    assert_eq!(
        widened.clone().fall_back(&[group("board")], &[], &left, at(8)),
        Ok(Vec::new())
    );
    // Nobody in the fallback either, or none: as it was, and the stage is named.
    for (fallback, left) in [(vec![group("board")], &left[..1]), (Vec::new(), &left[..])] {
        let mut same = plan.clone();
        assert_eq!(
            same.fall_back(&fallback, &[], left, at(7)),
            Err(PlanError::Impossible("owners".to_owned()))
        );
        assert_eq!(same, plan);
    }
}

#[test]
fn some_stages_take_more_than_one_no() {
    let plan = one(Stage {
        denials: 2,
        ..stage(2)
    });
    let mut votes = Vec::new();
    assert!(vote(&plan, &mut votes, member(0, "owners"), Verdict::Deny, 1));
    assert_eq!(standing(&plan, &votes), Standing::Open { stage: 0 });
    assert!(vote(&plan, &mut votes, member(1, "owners"), Verdict::Approve, 2));
    // A no fills no seat.
    assert_eq!(standing(&plan, &votes), Standing::Open { stage: 0 });
    let mut denied = votes.clone();
    assert!(vote(&plan, &mut denied, member(2, "owners"), Verdict::Deny, 3));
    assert_eq!(standing(&plan, &denied), Standing::Denied);
    assert!(vote(&plan, &mut votes, member(2, "owners"), Verdict::Approve, 3));
    assert_eq!(standing(&plan, &votes), Standing::Approved);
    // Joined with a stage that one no settles, one settles it.
    let strict = one(Stage::new(
        "owners",
        Quorum::AtLeast {
            n: 2,
            of: vec![group("owners")],
        },
    ));
    assert_eq!(plan.union(&strict).stages[0].denials, 1);
}

#[test]
fn of_two_that_ask_for_others_only_lists_of_both_join_later_as_late_as_either_says() {
    let next = |after_secs, to: &str| Escalation {
        after_secs,
        to: vec![group(to)],
    };
    let asking = |of: &str, escalate| {
        one(Stage {
            escalate,
            ..Stage::new(
                of,
                Quorum::AtLeast {
                    n: 1,
                    of: vec![group(of)],
                },
            )
        })
    };
    let owners = asking("owners", vec![next(60, "security"), next(90, "board")]);
    let counsel = asking("counsel", vec![next(120, "security")]);
    let mut both = owners.union(&counsel);
    assert_eq!(both.stages[0].escalate, [next(120, "security")]);
    assert!(both.escalate(0, at(0), at(119)).is_empty());
    both.escalate(0, at(0), at(120));
    let mut votes = Vec::new();
    assert!(vote(
        &both,
        &mut votes,
        member(0, "security"),
        Verdict::Approve,
        130
    ));
    assert_eq!(
        standing(&both, &votes),
        Standing::Open { stage: 0 },
        "as many as before"
    );
    assert!(vote(
        &both,
        &mut votes,
        member(1, "counsel"),
        Verdict::Approve,
        130
    ));
    assert_eq!(standing(&both, &votes), Standing::Approved);
}

#[test]
fn what_a_policy_may_say_of_escalation() {
    assert_eq!(one(stage(1)).check(), Ok(()));
    let name = || "owners".to_owned();
    let with = |change: fn(&mut Stage)| {
        let mut changed = stage(1);
        change(&mut changed);
        one(changed).check()
    };
    assert_eq!(with(|stage| stage.denials = 0), Err(PlanError::NoDenial(name())));
    assert_eq!(
        with(|stage| stage.escalate[0].after_secs = 0),
        Err(PlanError::Escalation(name()))
    );
    assert_eq!(
        with(|stage| stage.escalate[1].after_secs = 60),
        Err(PlanError::Escalation(name()))
    );
    assert_eq!(
        with(|stage| stage.escalate[1].to.clear()),
        Err(PlanError::Escalation(name()))
    );
    let mut joined = one(stage(1));
    joined.escalate(0, at(0), at(60));
    assert_eq!(joined.check(), Err(PlanError::AskedToo(name())));
}

#[test]
fn a_manager_is_a_person_once_known_and_nobody_till_then() {
    let stage = Stage {
        escalate: vec![Escalation {
            after_secs: 60,
            to: vec![Approver::ResourceOwners, Approver::RequesterManager],
        }],
        ..Stage::new(
            "manager",
            Quorum::AtLeast {
                n: 1,
                of: vec![Approver::RequesterManager],
            },
        )
    };
    let known = stage.resolve(&Concerned {
        owners: BTreeSet::from(["owners".parse().unwrap()]),
        manager: Some(person(3)),
    });
    let manager = Approver::Person(person(3));
    assert_eq!(known.asks(), BTreeSet::from([manager.clone()]));
    assert_eq!(known.escalate[0].to, [group("owners"), manager.clone()]);
    let boss = (person(3), BTreeSet::from([manager]));
    assert_eq!(one(known).feasible(&[], std::slice::from_ref(&boss)), Ok(()));
    let unknown = one(stage.resolve(&Concerned::default()));
    let pretender = (person(3), BTreeSet::from([Approver::RequesterManager]));
    assert!(unknown.feasible(&[], &[boss, pretender]).is_err());
}

proptest! {
    /// Never auto-approve: whatever was not approved before a list joined is not approved by its joining.
    #[test]
    fn joining_approves_nothing(plan in plan(), people in people(), order in prop::collection::vec(0..crate::generate::PERSONS, 0..8)) {
        let mut votes = Vec::new();
        for number in order {
            vote(&plan, &mut votes, people[number].clone(), Verdict::Approve, 0);
        }
        let mut widened = plan.clone();
        for stage in &mut widened.stages {
            stage.escalate = vec![Escalation { after_secs: 1, to: vec![Approver::Person(person(0)), group("g0")] }];
        }
        let before = standing(&widened, &votes);
        if let Standing::Open { stage } = before {
            widened.escalate(stage, at(0), at(10));
        }
        prop_assert_eq!(before == Standing::Approved, standing(&widened, &votes) == Standing::Approved);
    }
}
