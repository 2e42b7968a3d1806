//! A charge counts for half-open 30 days, or until it is released; what counts is what a budget is compared with.

use crate::generate::at;
use crate::limits::tier;
use chrono::TimeDelta;
use domain::budget::{Burn, Charge, Charges, PERIOD_DAYS};
use domain::id::OptOutId;
use domain::name::TeamName;
use domain::tier::Tier;
use domain::window::Instant;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;

const PERIOD: i64 = PERIOD_DAYS * 86_400 * 1_000_000;

fn team(number: usize) -> TeamName {
    TeamName::new(format!("team-{number}")).unwrap()
}

fn charge(number: u128, team_of: usize, charged_at: i64, released_at: Option<i64>) -> Charge {
    Charge {
        opt_out: OptOutId::from_uuid(uuid::Uuid::from_u128(number)),
        team: team(team_of),
        tier: tier(Vec::new()).name,
        charged_at: at(charged_at),
        released_at: released_at.map(at),
    }
}

fn budgeted(budget: Option<u32>) -> Tier {
    Tier {
        budget,
        ..tier(Vec::new())
    }
}

/// Around the edge: a few microseconds before, at and after 30 days.
fn around_the_edge() -> impl Strategy<Value = i64> {
    prop_oneof![-5i64..5, PERIOD - 5..PERIOD + 5, -PERIOD..2 * PERIOD]
}

proptest! {
    /// In at its own instant, out at the instant 30 days later, to the microsecond.
    #[test]
    fn a_charge_counts_for_half_open_thirty_days(charged in -1_000i64..1_000, past in around_the_edge()) {
        let counts = charge(1, 0, charged, None).counts(at(charged + past));
        prop_assert_eq!(counts, (0..PERIOD).contains(&past));
    }

    /// A release takes it off from its own instant on, and never puts it back after its 30 days.
    #[test]
    fn a_released_charge_counts_until_its_release(past in around_the_edge(), released in around_the_edge()) {
        let counts = charge(1, 0, 0, Some(released)).counts(at(past));
        prop_assert_eq!(counts, (0..PERIOD.min(released)).contains(&past));
    }

    /// Counted out one by one, whatever the order and whoever else is charged.
    #[test]
    fn an_account_holds_its_own_charges_alone(
        made in vec((0usize..3, around_the_edge(), option::of(around_the_edge())), 0..20),
        budget in option::of(0u32..8), now in around_the_edge(),
    ) {
        let charges: Vec<Charge> = made
            .iter()
            .zip(0u128..)
            .map(|((team_of, charged, released), number)| charge(number, *team_of, *charged, *released))
            .collect();
        let tier = budgeted(budget);
        let all = Charges::new(charges.clone());
        let teams: BTreeSet<TeamName> = (0..3).map(team).collect();
        for number in 0..3 {
            let own = charges.iter().filter(|charge| charge.team == team(number));
            let used = u32::try_from(own.filter(|charge| charge.counts(at(now))).count()).unwrap();
            let account = all.account(&team(number), &tier, at(now));
            prop_assert_eq!(account.used, used);
            prop_assert_eq!(account.left(), budget.map(|budget| budget.saturating_sub(used)));
            let exhausted = all.exhausted(&teams, &tier, at(now)).contains(&team(number));
            prop_assert_eq!(exhausted, budget.is_some_and(|budget| used >= budget));
        }
    }

    /// With nothing charged meanwhile, time only gives back.
    #[test]
    fn an_account_recovers_as_time_passes(made in vec(-PERIOD..0, 0..12), first in 0i64..PERIOD, later in 0i64..PERIOD) {
        let charges = made.iter().zip(0u128..).map(|(charged, number)| charge(number, 0, *charged, None)).collect();
        let all = Charges::new(charges);
        let used = |now: i64| all.account(&team(0), &budgeted(Some(3)), at(now)).used;
        prop_assert!(used(first + later) <= used(first));
        prop_assert_eq!(used(PERIOD), 0);
    }

    /// More charges at the same instants never calm an alert, a larger budget never raises one.
    #[test]
    fn an_alert_follows_the_charges(hours in vec(0i64..400, 0..12), more in 0i64..400, budget in 1u32..40) {
        let now = at(0);
        let made = |hours: &[i64]| -> Vec<Instant> { hours.iter().map(|ago| now - TimeDelta::hours(*ago)).collect() };
        let with_more: Vec<i64> = hours.iter().copied().chain([more]).collect();
        let burn = Burn::of(&made(&hours), Some(budget), now);
        prop_assert!(Burn::of(&made(&with_more), Some(budget), now) >= burn);
        prop_assert!(Burn::of(&made(&hours), Some(budget + 1), now) <= burn);
        prop_assert_eq!(Burn::of(&made(&hours), None, now), Burn::Calm);
    }
}

#[test]
fn the_last_place_comes_back_at_the_edge() {
    let all = Charges::new(vec![charge(1, 0, 0, None), charge(2, 0, 10, None)]);
    let left = |now: i64| all.account(&team(0), &budgeted(Some(2)), at(now)).left();
    assert_eq!(left(9), Some(1));
    assert_eq!(left(10), Some(0));
    assert_eq!(left(PERIOD - 1), Some(0));
    assert_eq!(left(PERIOD), Some(1));
    assert_eq!(left(PERIOD + 10), Some(2));
}

/// Two windows each: what was long ago in the long one is no alert once it has stopped.
#[test]
fn burning_is_fast_slow_or_over() {
    let burn = |budget: u32, hours_ago: &[i64]| {
        let made: Vec<Instant> = hours_ago
            .iter()
            .map(|ago| at(0) - TimeDelta::hours(*ago))
            .collect();
        Burn::of(&made, Some(budget), at(0))
    };
    assert_eq!(burn(6, &[1]), Burn::Calm, "one alone is none");
    assert_eq!(burn(6, &[1, 20]), Burn::Fast, "a third of it within a day");
    assert_eq!(burn(6, &[3, 20]), Burn::Calm, "and over for three hours");
    assert_eq!(burn(6, &[3, 100, 150]), Burn::Slow, "half of it within a week");
    assert_eq!(burn(6, &[20, 100, 150]), Burn::Calm, "and over since yesterday");
    assert_eq!(burn(30, &[1, 5, 9, 20]), Burn::Calm, "as the budget was meant");
    assert_eq!(burn(30, &[1, 2, 5, 9, 15, 20]), Burn::Fast);
    assert_eq!(burn(0, &[1, 1, 1]), Burn::Calm, "nothing can burn");
}
