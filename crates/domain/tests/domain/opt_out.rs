//! Invariant 4: every opt-out has an end, and whether it is in force follows from the row and the instant alone.

use crate::generate::at;
use crate::states::opt_out_states;
use domain::digest::Digest;
use domain::id::OptOutId;
use domain::name::{PersonId, RuleId, ScenarioId, TierName};
use domain::opt_out::{Asked, Conditions, Details, Direction, Need, OptOut, OptOutState, PinnedRule};
use domain::rule::{Effect, Exemptible, Question, RuleSummary, RuleTexts};
use domain::scope::{Coverage, Scope};
use domain::window::Window;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

/// In microseconds: it starts at 100 and ends at 200.
pub(crate) fn opt_out(direction: Direction, state: OptOutState) -> OptOut {
    OptOut {
        id: OptOutId::from_uuid(uuid::Uuid::from_u128(1)),
        revision: 1,
        direction,
        scenario: ScenarioId::new("audit-read").unwrap(),
        title: "Ledger reads".to_owned(),
        reason: "The auditors need them.".to_owned(),
        ticket: None,
        requested_by: PersonId::new("alice").unwrap().into(),
        break_glass: None,
        details: Details::default(),
        scope: Scope::default(),
        coverage: Coverage::default(),
        tier: TierName::new("high").unwrap(),
        tier_rank: 3,
        teams: BTreeSet::new(),
        pinned: Vec::new(),
        window: Window::new(at(100), at(200)).unwrap(),
        state,
        max_uses: None,
        requested_at: at(0),
        lapses_at: at(150),
        approved_at: None,
        lineage: None,
        causes: Vec::new(),
        need: Need::default(),
        recurrence: None,
        zone: None,
        conditions: Conditions::default(),
    }
}

fn row() -> impl Strategy<Value = OptOut> {
    (
        select(&Direction::ALL[..]),
        select(opt_out_states()),
        1i64..100,
        1i64..100,
        0i64..250,
        proptest::option::of(0u32..4),
        proptest::option::of(0i64..250),
    )
        .prop_map(
            |(direction, state, start, length, lapses, max_uses, closes)| OptOut {
                window: Window::new(at(start), at(start + length)).unwrap(),
                lapses_at: at(lapses),
                max_uses,
                need: Need {
                    asked: closes.map(|closes_at| Asked {
                        found_at: at(0),
                        closes_at: at(closes_at),
                    }),
                    kept: None,
                },
                ..opt_out(direction, state)
            },
        )
}

proptest! {
    /// No state, no count of uses and no missing worker keeps it in force at or after its end.
    #[test]
    fn nothing_is_in_force_outside_its_window(row in row(), now in 0i64..300, uses in 0u32..6) {
        if row.in_force(at(now), uses) {
            prop_assert!(row.window.contains(at(now)));
            prop_assert!(matches!(row.state, OptOutState::Approved | OptOutState::Active));
        }
        prop_assert!(!row.in_force(row.window.ends_at(), uses));
    }

    /// Half-open to the microsecond, for whatever is in force by its state.
    #[test]
    fn the_first_instant_is_in_and_the_last_is_not(mut row in row(), active in any::<bool>()) {
        row.max_uses = None;
        row.need = Need::default();
        row.state = if active { OptOutState::Active } else { OptOutState::Approved };
        let micro = chrono::TimeDelta::microseconds(1);
        prop_assert!(row.in_force(row.window.starts_at(), u32::MAX));
        prop_assert!(row.in_force(row.window.ends_at() - micro, u32::MAX));
        prop_assert!(!row.in_force(row.window.ends_at(), u32::MAX));
        prop_assert!(!row.in_force(row.window.starts_at() - micro, 0));
    }

    /// Invariant 7 for derived states too: what is over at one instant reads the same at every later one.
    #[test]
    fn a_state_that_is_over_stays_what_it_is(
        row in row(), now in 0i64..300, later in 0i64..300, uses in 0u32..6, more in 0u32..6,
    ) {
        let then = row.state_at(at(now), uses);
        if then.is_terminal() {
            // No decision can use it any more, unless its time had not even come.
            let more = match then {
                OptOutState::Expired | OptOutState::ClosedEarly => 0,
                _ => more,
            };
            prop_assert_eq!(row.state_at(at(now + later), uses + more), then);
        }
        if row.state.is_terminal() {
            prop_assert_eq!(then, row.state);
        }
    }

    /// A worker that stores the derived state changes nothing that anybody could see.
    #[test]
    fn storing_the_derived_state_changes_nothing(row in row(), now in 0i64..300, later in 0i64..300, uses in 0u32..6) {
        let stored = OptOut { state: row.state_at(at(now), uses), ..row.clone() };
        prop_assert_eq!(stored.state_at(at(now + later), uses), row.state_at(at(now + later), uses));
    }

    /// What nobody needs closes at its instant with no worker having run; a `to_manual` never does.
    #[test]
    fn what_nobody_answered_for_is_out_of_force_from_its_instant_on(row in row(), now in 0i64..300, uses in 0u32..6) {
        match row.closes_at() {
            Some(closes_at) => {
                prop_assert!(closes_at < row.window.ends_at());
                prop_assert!(!(at(now) >= closes_at && row.in_force(at(now), uses)));
            }
            None if row.state != OptOutState::ClosedEarly => {
                prop_assert_ne!(row.state_at(at(now), uses), OptOutState::ClosedEarly);
            }
            None => {}
        }
        if row.direction == Direction::ToManual {
            prop_assert_eq!(row.closes_at(), None);
        }
    }

    #[test]
    fn uses_end_a_bypass_alone(row in row(), now in 0i64..300, uses in 0u32..6) {
        let state = row.state_at(at(now), uses);
        if row.direction == Direction::ToManual && row.state != OptOutState::Exhausted {
            prop_assert_ne!(state, OptOutState::Exhausted);
        }
        if row.direction == Direction::Bypass && row.max_uses.is_some_and(|most| uses >= most) {
            prop_assert_ne!(state, OptOutState::Active);
        }
    }
}

#[test]
fn there_is_no_row_without_an_end() {
    let mut json = serde_json::to_value(opt_out(Direction::Bypass, OptOutState::Active)).unwrap();
    assert!(serde_json::from_value::<OptOut>(json.clone()).is_ok());
    let starts_at = json["window"]["starts_at"].clone();
    json["window"]["ends_at"] = starts_at;
    assert!(serde_json::from_value::<OptOut>(json.clone()).is_err());
    json["window"]["ends_at"] = serde_json::Value::Null;
    assert!(serde_json::from_value::<OptOut>(json.clone()).is_err());
    json["window"].as_object_mut().unwrap().remove("ends_at");
    assert!(serde_json::from_value::<OptOut>(json).is_err());
}

/// A policy of one rule, by its text and the earlier ones that it carries over.
pub(crate) fn rule_text(id: &str, present: &str, carried: &[&str]) -> RuleTexts {
    RuleTexts::of([&RuleSummary {
        id: RuleId::new(id).unwrap(),
        effect: Effect::Forbid,
        questions: vec![Question::Automate],
        description: "A rule".to_owned(),
        tier: None,
        exemptible: Exemptible::Bypass,
        body_digest: Digest::of(present.as_bytes()),
        carries_over: carried.iter().map(|text| Digest::of(text.as_bytes())).collect(),
        cedar: present.to_owned(),
    }])
}

#[test]
fn a_pinned_rule_that_changed_or_vanished_does_not_hold() {
    let rule = RuleId::new("rule").unwrap();
    let bypass = OptOut {
        pinned: vec![PinnedRule {
            id: rule.clone(),
            body_digest: Digest::of(b"one"),
        }],
        ..opt_out(Direction::Bypass, OptOutState::Active)
    };
    assert!(bypass.pins_hold(&rule_text("rule", "one", &[])));
    assert!(!bypass.pins_hold(&rule_text("rule", "two", &[])));
    assert!(!bypass.pins_hold(&rule_text("another", "one", &[])));
    assert!(!bypass.pins_hold(&RuleTexts::default()));
    // Changed, and yet the same to whoever published the change.
    let carried = rule_text("rule", "two", &["zero", "one"]);
    assert!(bypass.pins_hold(&carried) && carried.carry_over(&rule, &Digest::of(b"one")));
    assert!(
        !carried.carry_over(&rule, &Digest::of(b"two")),
        "that is its text"
    );
    assert!(!bypass.pins_hold(&rule_text("rule", "two", &["zero"])));
}
