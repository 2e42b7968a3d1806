//! A renewal is shorter each time, covers no more, and all of them together end when their case says.

use crate::generate::{at, narrowed, scope};
use crate::limits::{scenario, tier};
use crate::opt_out::opt_out;
use chrono::TimeDelta;
use domain::approval::{Plan, Quorum, Stage};
use domain::budget::PERIOD_DAYS;
use domain::name::ScenarioId;
use domain::opt_out::{
    Cause, Conditions, Direction, Lineage, OptOut, OptOutState, Premise, RENEWABLE_DAYS, RenewalError, halved,
};
use domain::scenario::Scenario;
use domain::window::{Instant, Window};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;

const HOUR: i64 = 3_600 * 1_000_000;

fn lasting(starts_at: Instant, secs: i64) -> OptOut {
    OptOut {
        window: Window::new(starts_at, starts_at + TimeDelta::seconds(secs)).unwrap(),
        ..opt_out(Direction::Bypass, OptOutState::Active)
    }
}

fn renewed(most_renewals: Option<u32>, cumulative_secs: Option<i64>) -> Scenario {
    Scenario {
        most_renewals,
        cumulative_secs,
        ..scenario(864_000)
    }
}

proptest! {
    /// Renewed as often and as long as it goes, a line never gets older than its case allows, and never more often.
    #[test]
    fn a_line_never_gets_older_than_its_case_allows(
        first_secs in 60i64..864_000, age in 864_000i64..2_000_000, most in option::of(0u32..6), gap in 0i64..100_000,
    ) {
        let scenario = renewed(most, Some(age));
        let mut standing = lasting(at(0), first_secs);
        let (mut generations, mut total) = (0u32, first_secs);
        for _ in 0..40 {
            let now = standing.window.ends_at() - TimeDelta::microseconds(1) + TimeDelta::seconds(gap);
            let Ok(lineage) = standing.next_of_line(&scenario, now, 0) else { break };
            prop_assert_eq!(lineage.generation, generations + 1);
            prop_assert_eq!(lineage.first_started_at, at(0));
            let before = standing.window.length_secs();
            let Ok(longest) = lineage.longest_secs(before, 864_000, now) else { break };
            prop_assert!(longest <= halved(864_000, lineage.generation));
            prop_assert!(longest <= before / 2, "half of the one before it");
            let next = OptOut { lineage: Some(lineage), ..lasting(now, longest) };
            prop_assert!(next.window.ends_at() <= at(0) + TimeDelta::seconds(age));
            generations += 1;
            total += longest;
            standing = next;
        }
        prop_assert!(most.is_none_or(|most| generations <= most));
        prop_assert!(total <= 2 * first_secs, "halves never add up to more than one whole");
    }

    /// It stays with what the one before it covered.
    #[test]
    fn a_renewal_never_covers_more((outer, inner) in narrowed(), other in scope()) {
        let parent = OptOut { scope: outer.clone(), ..lasting(at(0), 60) };
        let wider = |scope| {
            let found = parent.not_kept(&parent.scenario, parent.direction, scope, None, "Another reason.");
            found.contains(&RenewalError::Wider)
        };
        prop_assert!(!wider(&outer) && !wider(&inner));
        prop_assert_eq!(wider(&other), !outer.encloses(&other));
    }

    #[test]
    fn each_renewal_halves(secs in 0i64..10_000_000, generation in 0u32..70) {
        let halves = (0..generation).fold(secs, |left, _| left / 2);
        prop_assert_eq!(halved(secs, generation), halves);
    }
}

#[test]
fn it_can_be_renewed_while_it_runs_and_for_a_while_after() {
    let row = lasting(at(0), 3_600);
    let days = TimeDelta::days(RENEWABLE_DAYS);
    let micro = TimeDelta::microseconds(1);
    let ends_at = row.window.ends_at();
    assert_eq!(row.renewable(at(0), 0), Ok(()));
    assert_eq!(row.renewable(ends_at, 0), Ok(()));
    assert_eq!(row.renewable(ends_at + days - micro, 0), Ok(()));
    assert_eq!(row.renewable(ends_at + days, 0), Err(RenewalError::TooLate));
    let before = OptOut {
        state: OptOutState::Approved,
        ..row
    };
    assert_eq!(
        before.renewable(at(-1), 0),
        Err(RenewalError::State(OptOutState::Approved))
    );
}

#[test]
fn case_direction_and_a_new_reason_are_asked_for() {
    let row = lasting(at(0), 3_600);
    let other: ScenarioId = "other".parse().unwrap();
    let says =
        |case: &ScenarioId, direction, reason: &str| row.not_kept(case, direction, &row.scope, None, reason);
    assert_eq!(
        says(&row.scenario, Direction::Bypass, "They need another week."),
        []
    );
    assert_eq!(
        says(&other, Direction::ToManual, "  the auditors\nneed THEM. "),
        [
            RenewalError::Scenario,
            RenewalError::Direction,
            RenewalError::SameReason
        ]
    );
}

#[test]
fn the_hours_stay_and_what_had_none_may_get_some() {
    use domain::opt_out::{Day, Recurrence};
    let hours = |until: &str| {
        Recurrence::new(
            [Day::Sat].into(),
            "22:00".parse().unwrap(),
            until.parse().unwrap(),
            "Europe/Berlin".parse().unwrap(),
        )
        .unwrap()
    };
    let (night, longer) = (hours("06:00"), hours("07:00"));
    let all_the_time = lasting(at(0), 3_600);
    let at_night = OptOut {
        recurrence: Some(night.clone()),
        ..all_the_time.clone()
    };
    let refused = |row: &OptOut, hours: Option<&Recurrence>| {
        let found = row.not_kept(&row.scenario, row.direction, &row.scope, hours, "Another reason.");
        found == [RenewalError::Hours]
    };
    assert!(refused(&at_night, None) && refused(&at_night, Some(&longer)));
    assert!(!refused(&at_night, Some(&night)) && !refused(&all_the_time, Some(&night)));
}

#[test]
fn too_often_and_too_old_are_told_apart() {
    let first = lasting(at(0), 3_600);
    let now = at(HOUR / 2);
    let often = first.next_of_line(&renewed(Some(0), None), now, 0);
    assert_eq!(often, Err(RenewalError::TooOften(0)));
    assert_eq!(
        RenewalError::TooOften(0).to_string(),
        "this case cannot be renewed"
    );
    let old = first.next_of_line(&renewed(None, Some(1_800)), now, 0);
    assert_eq!(old, Err(RenewalError::TooOld));
    let line = Lineage {
        parent: first.id,
        generation: 9,
        first_started_at: at(0),
        must_end_by: None,
    };
    assert_eq!(
        line.longest_secs(3_600, 3_600, now),
        Err(RenewalError::NothingLeft)
    );
    let second = Lineage {
        generation: 1,
        ..line
    };
    assert_eq!(second.longest_secs(1_200, 3_600, now), Ok(600), "it was short");
    assert_eq!(
        second.longest_secs(3_600, 2_400, now),
        Ok(1_200),
        "the case allows less by now"
    );
    assert_eq!(
        second.longest_secs(119, 3_600, now),
        Err(RenewalError::NothingLeft)
    );
}

/// From the second renewal on, and once for all empty budgets together.
#[test]
fn every_cause_adds_one_stage() {
    let stage = |name: &str| {
        let of = vec![domain::approval::Approver::Group(name.parse().unwrap())];
        Stage::new(name, Quorum::AtLeast { n: 1, of })
    };
    let mut tier = tier(Vec::new());
    tier.opt_out_stages = vec![stage("owners")];
    tier.extra_stages = vec![stage("platform")];
    let case = Scenario {
        further_stages: vec![stage("counsel")],
        ..scenario(60)
    };
    let teams = BTreeSet::from(["payments".parse().unwrap(), "data".parse().unwrap()]);
    let names = |teams: BTreeSet<_>, generation| -> Vec<String> {
        let causes = Cause::of(teams, generation).len();
        let stages = tier.stages_of_opt_out(&case, causes);
        let plan = Plan { stages };
        assert_eq!(plan.check(), Ok(()));
        plan.stages.into_iter().map(|stage| stage.name).collect()
    };
    assert_eq!(names(BTreeSet::new(), 1), ["owners", "counsel"]);
    assert_eq!(names(BTreeSet::new(), 2), ["owners", "counsel", "platform"]);
    assert_eq!(names(teams.clone(), 0), ["owners", "counsel", "platform"]);
    assert_eq!(
        names(teams, 5),
        ["owners", "counsel", "platform", "owners, once more"]
    );
    const {
        assert!(
            PERIOD_DAYS > RENEWABLE_DAYS,
            "a renewal meets the charge of the one before it"
        );
    }
}

#[test]
fn the_premise_stays_and_the_uses_do_not_grow() {
    let ticket = |ticket: &str, grace_secs| Premise::TicketOpen {
        ticket: ticket.to_owned(),
        grace_secs,
    };
    let free = lasting(at(0), 3_600);
    assert_eq!(free.not_bounded_alike(Some(&ticket("CHG-1", 60)), Some(3)), []);
    assert_eq!(free.not_bounded_alike(None, None), []);
    let bounded = OptOut {
        max_uses: Some(5),
        conditions: Conditions {
            premise: Some(ticket("CHG-1", 60)),
            ..Conditions::default()
        },
        ..free
    };
    let fields = |premise: Option<&Premise>, uses| -> Vec<&str> {
        let found = bounded.not_bounded_alike(premise, uses);
        found.iter().map(RenewalError::field).collect()
    };
    let same = ticket("CHG-1", 7_200);
    assert_eq!(
        fields(Some(&same), Some(5)),
        [""; 0],
        "another grace is the case's to say"
    );
    assert_eq!(fields(None, Some(4)), ["premise/kind"]);
    assert_eq!(
        fields(Some(&ticket("CHG-2", 60)), Some(6)),
        ["premise/kind", "max_uses"]
    );
    assert_eq!(fields(Some(&same), None), ["max_uses"]);
}
