//! The cap on an opt-out's length is what tier and scenario both allow.

use crate::generate::{at, group};
use domain::approval::{Approver, Quorum, Stage};
use domain::name::{GroupName, RuleId, ScenarioId, TierName};
use domain::opt_out::{Direction, LimitError, Limits, length_in_words, limits};
use domain::scenario::{Category, ReasonKind, Scenario};
use domain::scope::Scope;
use domain::tier::{Lengths, OptOutAllowance, Tier};
use domain::window::Window;
use proptest::prelude::*;
use std::collections::BTreeSet;

pub(crate) fn tier(lines: Vec<OptOutAllowance>) -> Tier {
    let stages = vec![Stage::new(
        "owners",
        Quorum::AtLeast {
            n: 1,
            of: vec![Approver::ResourceOwners],
        },
    )];
    Tier {
        name: TierName::new("high").unwrap(),
        rank: 3,
        description: String::new(),
        access_stages: stages.clone(),
        opt_out_stages: stages,
        extra_stages: Vec::new(),
        fallback: Vec::new(),
        grant: Lengths {
            default_secs: 3_600,
            longest_secs: 7_200,
        },
        access_lapse_secs: 3_600,
        opt_out_lapse_secs: 3_600,
        reason_min_chars: 20,
        may_opt_out: lines,
        budget: None,
        most_principals: None,
        most_resources: None,
        step_up: false,
        bulk_approve: false,
        review: None,
        groups_fresh_secs: 3_600,
        binding_context: Vec::new(),
        channel: None,
    }
}

pub(crate) fn scenario(longest_secs: i64) -> Scenario {
    Scenario {
        id: ScenarioId::new("audit-read").unwrap(),
        name: String::new(),
        guidance: String::new(),
        directions: vec![Direction::Bypass, Direction::ToManual],
        tiers: Vec::new(),
        rules: vec![RuleId::new("listed").unwrap()],
        category: Category::Waiver,
        reason_kind: ReasonKind::Incident,
        length: Lengths {
            default_secs: 3_600,
            longest_secs,
        },
        cumulative_secs: None,
        most_renewals: None,
        max_uses: Some(5),
        ticket_required: false,
        ticket_form: None,
        required: Vec::new(),
        incident_bound: None,
        premise_grace_secs: None,
        further_stages: Vec::new(),
    }
}

fn line(number: usize, directions: &[Direction], longest_secs: i64) -> OptOutAllowance {
    OptOutAllowance {
        group: group(number),
        directions: directions.to_vec(),
        longest_secs,
    }
}

fn cap(longest_secs: i64) -> Limits {
    Limits {
        longest_secs,
        default_secs: 0,
        reason_min_chars: 0,
        max_uses: None,
    }
}

proptest! {
    #[test]
    fn neither_tier_nor_scenario_is_exceeded(tier_cap in any::<i64>(), scenario_cap in any::<i64>()) {
        let tier = tier(vec![line(0, &Direction::ALL, tier_cap)]);
        let found = limits(&tier, &scenario(scenario_cap), Direction::ToManual, &Scope::default(), |_| true).unwrap();
        prop_assert_eq!(found.longest_secs, tier_cap.min(scenario_cap));
        prop_assert!(found.default_secs <= found.longest_secs);
        prop_assert_eq!(found.max_uses, None);
    }

    /// To the microsecond, and for any cap that a policy's text can state.
    #[test]
    fn a_window_fits_its_cap_or_does_not(length in 1i64..10_000_000, cap_secs in prop_oneof![-2i64..12, any::<i64>()]) {
        let window = Window::new(at(7), at(7 + length)).unwrap();
        let fits = i128::from(length) <= i128::from(cap_secs) * 1_000_000;
        prop_assert_eq!(cap(cap_secs).check_length(&window).is_ok(), fits);
    }

    /// A dimension that is left open is broader than any limit.
    #[test]
    fn a_bypass_covers_as_many_as_its_tier_lets_it(
        most in proptest::option::of(0u32..6), other in proptest::option::of(0u32..6),
        covered in proptest::option::of(0usize..8), on in proptest::option::of(0usize..8),
    ) {
        let tier = Tier { most_principals: most, most_resources: other, ..tier(Vec::new()) };
        let within = |most: Option<u32>, covered: Option<usize>| match (most, covered) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(most), Some(covered)) => covered <= most as usize,
        };
        let found: Vec<&str> = tier.too_broad(covered, on).iter().map(|error| error.field).collect();
        prop_assert_eq!(found.contains(&"principals"), !within(most, covered));
        prop_assert_eq!(found.contains(&"resources"), !within(other, on));
    }

    #[test]
    fn a_length_in_words_says_what_it_is(secs in prop_oneof![-200_000i64..200_000, any::<i64>()]) {
        let words = length_in_words(secs);
        let (count, unit) = words.split_once(' ').unwrap();
        let count: i64 = count.parse().unwrap();
        let each = match unit.trim_end_matches('s') {
            "day" => 86_400,
            "hour" => 3_600,
            "minute" => 60,
            "second" => 1,
            other => panic!("{other}"),
        };
        prop_assert_eq!(count * each, secs);
        prop_assert_eq!(unit.ends_with('s'), count != 1);
    }
}

#[test]
fn lengths_in_words() {
    let words = [0, 1, 60, 90, 5_400, 3_600, 86_400, 90_000, 604_800].map(length_in_words);
    assert_eq!(
        words,
        [
            "0 seconds",
            "1 second",
            "1 minute",
            "90 seconds",
            "90 minutes",
            "1 hour",
            "1 day",
            "25 hours",
            "7 days",
        ]
    );
}

#[test]
fn too_broad_names_both_numbers_and_the_tier() {
    let tier = Tier {
        most_principals: Some(20),
        ..tier(Vec::new())
    };
    let found = tier.too_broad(Some(47), Some(1_000));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].field, found[0].to_string().as_str()),
        ("principals", "at most 20 at tier high, and this covers 47")
    );
}

#[test]
fn a_case_is_for_the_tiers_that_it_names() {
    let tier = tier(vec![line(0, &Direction::ALL, 60)]);
    let of_tiers = |names: &[&str]| {
        let case = Scenario {
            tiers: names.iter().map(|name| TierName::new(*name).unwrap()).collect(),
            ..scenario(60)
        };
        limits(&tier, &case, Direction::ToManual, &Scope::default(), |_| true)
    };
    assert!(of_tiers(&[]).is_ok() && of_tiers(&["low", "high"]).is_ok());
    let refused = of_tiers(&["low", "standard"]).unwrap_err();
    assert_eq!(
        (refused.field(), refused.to_string().as_str()),
        (
            "scenario",
            "this case is for the tiers low, standard, and this is tier high"
        )
    );
}

#[test]
fn the_first_line_that_matches_sets_the_limits_and_a_later_one_does_not_help() {
    let tier = tier(vec![
        line(0, &[Direction::ToManual], 60),
        line(1, &Direction::ALL, 3_600),
    ]);
    let ask = |direction, groups: &[GroupName]| {
        let of = |name: &GroupName| groups.contains(name);
        limits(&tier, &scenario(86_400), direction, &Scope::default(), of).map(|found| found.longest_secs)
    };
    let refused = Err(LimitError::NotAllowed("high".to_owned()));
    assert_eq!(ask(Direction::Bypass, &[group(0), group(1)]), refused);
    assert_eq!(ask(Direction::ToManual, &[group(0), group(1)]), Ok(60));
    assert_eq!(ask(Direction::Bypass, &[group(1)]), Ok(3_600));
    assert_eq!(ask(Direction::ToManual, &[]), refused);
}

#[test]
fn a_bypass_names_only_rules_that_its_scenario_lists() {
    let tier = tier(vec![line(0, &Direction::ALL, 3_600)]);
    let ask = |rule: &str| {
        let scope = Scope {
            rules: BTreeSet::from([RuleId::new(rule).unwrap()]),
            ..Scope::default()
        };
        limits(&tier, &scenario(60), Direction::Bypass, &scope, |_| true).map(|found| found.max_uses)
    };
    assert_eq!(ask("listed"), Ok(Some(5)));
    assert_eq!(ask("other"), Err(LimitError::Rule(RuleId::new("other").unwrap())));
}
