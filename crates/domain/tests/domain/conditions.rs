//! What a bypass hangs on: it can only take away, and it never comes back by itself.

use crate::generate::at;
use crate::opt_out::{opt_out, rule_text};
use crate::states::opt_out_states;
use domain::digest::Digest;
use domain::directory::Directory;
use domain::id::ClientId;
use domain::incident::{Incident, IncidentError, IncidentState};
use domain::name::{IncidentId, PersonId, RuleId};
use domain::opt_out::premise::LOOKED_UP_EVERY_SECS;
use domain::opt_out::{
    AskAgainError, Bound, Conditions, Direction, Facts, Left, OptOut, OptOutState, PinnedRule, Premise,
    PremiseError, Reading, SuspensionCause, Thing, TicketAnswer,
};
use domain::principal::{PrincipalKind, PrincipalRef};
use proptest::prelude::*;
use proptest::sample::select;

fn incident() -> IncidentId {
    IncidentId::new("INC-4471").unwrap()
}

fn bound(direction: Direction, state: OptOutState, grace_micros: i64) -> OptOut {
    OptOut {
        conditions: Conditions {
            bound: Some(Bound {
                incident: incident(),
                grace_secs: grace_micros,
                resolved_at: None,
            }),
            ..Conditions::default()
        },
        ..opt_out(direction, state)
    }
}

fn fell() -> SuspensionCause {
    SuspensionCause::PremiseFell {
        reading: Reading::Incident { open: Some(false) },
    }
}

fn alice() -> PersonId {
    PersonId::new("alice").unwrap()
}

proptest! {
    /// The end never moves later, and whatever is left is in force only where it was before.
    #[test]
    fn an_incident_only_shortens(
        state in select(opt_out_states()), grace in 0i64..2, resolved in 0i64..300, now in 0i64..300, uses in 0u32..3,
    ) {
        let before = bound(Direction::Bypass, state, grace);
        match before.clone().incident_resolved(at(resolved)) {
            Left::All => prop_assert!(at(resolved + grace * 1_000_000) >= before.window.ends_at()),
            Left::Nothing => prop_assert!(at(resolved + grace * 1_000_000) <= before.window.starts_at()),
            Left::Shorter(after) => {
                prop_assert!(before.window.encloses(&after.window) && after.window != before.window);
                prop_assert!(!after.in_force(at(now), uses) || before.in_force(at(now), uses));
                prop_assert_eq!(after.revision, before.revision + 1);
            }
        }
    }

    /// What is suspended is out of force until somebody approves, whatever the clock says.
    #[test]
    fn what_is_suspended_stays_out_of_force(
        state in select(opt_out_states()), now in 0i64..300, later in 0i64..300, uses in 0u32..3,
    ) {
        let before = opt_out(Direction::Bypass, state);
        let was = before.state_at(at(now), uses);
        match before.suspend(fell(), at(now), uses) {
            Ok(after) => {
                prop_assert_eq!(was, OptOutState::Active);
                prop_assert!(!after.in_force(at(now + later), uses));
                prop_assert!(!after.is_asked_again(at(now + later), uses), "nobody has asked");
            }
            Err(_) => prop_assert_ne!(was, OptOutState::Active),
        }
        prop_assert!(opt_out(Direction::ToManual, state).suspend(fell(), at(now), uses).is_err());
    }

    /// Errors never keep anything in force: the last answer counts until its grace is over, and not a microsecond longer.
    #[test]
    fn a_ticket_counts_until_its_grace_is_over(grace in 0i64..10_000, asked in 0i64..40_000_000_000, open in any::<bool>()) {
        let premise = Premise::TicketOpen { ticket: "CHG-1".to_owned(), grace_secs: grace };
        let reading = Reading::Ticket { answer: Some(TicketAnswer { open, at: at(0) }) };
        let fresh = asked < (grace + LOOKED_UP_EVERY_SECS) * 1_000_000;
        prop_assert_eq!(premise.holds(&reading, at(asked)), open && fresh);
        let nothing = Reading::Ticket { answer: None };
        prop_assert!(!premise.holds(&nothing, at(asked)));
    }
}

#[test]
fn what_is_not_known_does_not_hold() {
    let of = Thing::Principal(PrincipalRef::new(PrincipalKind::Workload, "ci/payments").unwrap());
    let premises = [
        Premise::Attribute {
            of: of.clone(),
            name: "freeze".to_owned(),
            is: "true".to_owned(),
        },
        Premise::DigestUnchanged {
            of,
            name: "image".to_owned(),
            was: "sha256:1".to_owned(),
        },
        Premise::IncidentOpen { incident: incident() },
        Premise::TicketOpen {
            ticket: "CHG-1".to_owned(),
            grace_secs: i64::MAX,
        },
    ];
    let nothing = Facts::default();
    for premise in &premises {
        let reading = premise.read(&Directory::default(), &nothing);
        assert!(
            !premise.holds(&reading, at(0)),
            "{premise:?} holds by {reading:?}"
        );
        assert_eq!(premise.check(Direction::Bypass), Ok(()));
        assert_eq!(premise.check(Direction::ToManual), Err(PremiseError::ToManual));
        // A reading of another kind is none of this one.
        for other in &premises {
            let reading = other.read(&Directory::default(), &nothing);
            assert!(!premise.holds(&reading, at(0)));
        }
    }
    let open = |open| Reading::Incident { open: Some(open) };
    assert!(premises[2].holds(&open(true), at(0)) && !premises[2].holds(&open(false), at(0)));
}

#[test]
fn a_suspended_one_is_asked_for_once_at_a_time_and_each_time_is_a_round() {
    let suspended = opt_out(Direction::Bypass, OptOutState::Active)
        .suspend(fell(), at(110), 0)
        .unwrap();
    let ask = |opt_out: &OptOut, reason: &str, now| {
        opt_out
            .clone()
            .ask_again(alice(), reason, Vec::new(), at(150), at(now), 0)
    };
    assert_eq!(ask(&suspended, " \u{200b}", 120), Err(AskAgainError::NoReason));
    let active = opt_out(Direction::Bypass, OptOutState::Active);
    assert_eq!(
        ask(&active, "Back, please", 120),
        Err(AskAgainError::State(OptOutState::Active))
    );
    let asked = ask(&suspended, "Back, please", 120).unwrap();
    assert!(asked.is_asked_again(at(149), 0) && !asked.is_asked_again(at(150), 0));
    assert_eq!(asked.conditions.round, 1);
    assert_eq!(ask(&asked, "Please", 130), Err(AskAgainError::Asked));
    // Nobody decided in time: it can be asked anew, in a round of its own.
    let anew = asked
        .clone()
        .ask_again(alice(), "Please", Vec::new(), at(900), at(160), 0)
        .unwrap();
    assert_eq!(
        (anew.conditions.round, anew.lapses_at),
        (2, anew.window.ends_at())
    );
    assert_eq!(
        ask(&asked, "Too late", 200),
        Err(AskAgainError::State(OptOutState::Expired))
    );
    let mut refused = asked.clone();
    refused.answered_again(false);
    assert!(!refused.is_asked_again(at(130), 0) && refused.conditions.suspension.is_some());
    let mut back = asked;
    back.answered_again(true);
    assert_eq!(back.conditions.suspension, None);
}

#[test]
fn only_who_told_of_an_incident_changes_it() {
    let client = |number| ClientId::from_uuid(uuid::Uuid::from_u128(number));
    let open = Incident::heard_of(incident(), String::new(), client(1), at(1));
    assert_eq!(open.told(client(1), false, IncidentState::Open, at(2)), Ok(None));
    assert_eq!(
        open.told(client(2), false, IncidentState::Resolved, at(2)),
        Err(IncidentError::Another)
    );
    let over = open
        .told(client(1), false, IncidentState::Resolved, at(2))
        .unwrap()
        .unwrap();
    assert_eq!(over.is_resolved(), Some(at(2)));
    assert_eq!(
        over.told(client(1), false, IncidentState::Resolved, at(3)),
        Ok(None)
    );
    let again = over
        .told(client(1), false, IncidentState::Open, at(3))
        .unwrap()
        .unwrap();
    assert_eq!((again.is_resolved(), again.resolved_at), (None, Some(at(2))));
    let taken_over = over
        .told(client(2), true, IncidentState::Resolved, at(4))
        .unwrap()
        .unwrap();
    assert_eq!(
        (taken_over.client, taken_over.is_resolved()),
        (client(2), Some(at(2)))
    );
}

/// The texts are fixed with the question: what comes back is what all of its approvers were asked about.
#[test]
fn it_comes_back_with_the_rules_that_it_was_asked_for_with() {
    let pin = |text: &str| PinnedRule {
        id: RuleId::new("one").unwrap(),
        body_digest: Digest::of(text.as_bytes()),
    };
    let texts = |text: &str| rule_text("one", text, &[]);
    let cause = SuspensionCause::RuleChanged {
        rules: [RuleId::new("one").unwrap()].into(),
    };
    let bypass = OptOut {
        pinned: vec![pin("old")],
        ..opt_out(Direction::Bypass, OptOutState::Active)
    };
    let suspended = bypass.suspend(cause, at(110), 0).unwrap();
    assert_eq!(suspended.pins_asked_about(), [pin("old")]);
    let ask = |row: &OptOut, text: &str, now| {
        row.clone()
            .ask_again(alice(), "Back, please", vec![pin(text)], at(190), at(now), 0)
    };
    let asked = ask(&suspended, "new", 120).unwrap();
    assert_eq!(asked.pinned, [pin("old")], "nothing has been approved yet");
    assert!(asked.pins_asked_about_hold(&texts("new")));
    assert!(!asked.pins_asked_about_hold(&texts("newer")) && !asked.pins_asked_about_hold(&texts("old")));
    assert!(
        asked.pins_asked_about_hold(&rule_text("one", "newer", &["new"])),
        "carried over"
    );
    // Asked about the same it is asked already, about another text it is a round of its own.
    assert_eq!(ask(&asked, "new", 130), Err(AskAgainError::Asked));
    let anew = ask(&asked, "newer", 130).unwrap();
    assert_eq!(anew.conditions.round, 2);
    let mut back = anew;
    back.answered_again(true);
    assert_eq!(back.pinned, [pin("newer")]);
    // A question from before the texts were kept is about those that it has.
    let mut old = asked;
    if let Some(suspension) = old.conditions.suspension.as_mut() {
        suspension.asked.as_mut().unwrap().pins = Vec::new();
    }
    old.answered_again(true);
    assert_eq!(old.pinned, [pin("old")]);
}
