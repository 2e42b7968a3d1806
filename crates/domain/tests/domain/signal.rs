//! Signals: at once, and within the limits of their source whatever it sends.

use crate::generate::at;
use chrono::TimeDelta;
use domain::client::SubjectPattern;
use domain::id::ClientId;
use domain::name::PersonId;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::signal::{Requester, SignalError, SignalRef, SignalRight, SoFar, most_in_force};
use proptest::prelude::*;

fn right() -> SignalRight {
    SignalRight {
        subjects: vec![SubjectPattern {
            kind: Some(PrincipalKind::Person),
            id: "*".to_owned(),
        }],
        per_hour: 4,
        longest_secs: 3_600,
    }
}

fn person() -> PrincipalRef {
    PrincipalRef::new(PrincipalKind::Person, "alice").unwrap()
}

#[test]
fn three_or_a_twentieth_whichever_is_more() {
    for (principals, most) in [(0, 3), (1, 3), (79, 3), (80, 4), (100, 5), (10_000, 500)] {
        assert_eq!(most_in_force(principals), most, "{principals}");
    }
    assert!(most_in_force(usize::MAX) > 3, "no overflow");
}

#[test]
fn all_limits_at_their_edges() {
    let workload = PrincipalRef::new(PrincipalKind::Workload, "ci/x").unwrap();
    for (who, in_the_hour, in_force, secs, expected) in [
        (person(), 0, 0, 60, Ok(60)),
        (person(), 3, 2, 3_600, Ok(3_600)),
        (person(), 0, 0, 3_601, Ok(3_600)),
        (person(), 4, 0, 60, Err(SignalError::TooMany)),
        (person(), 0, 3, 60, Err(SignalError::TooWide)),
        (person(), 0, 0, 0, Err(SignalError::Over)),
        (workload, 0, 0, 60, Err(SignalError::NotAbout)),
    ] {
        let so_far = SoFar {
            in_the_hour,
            in_force,
            principals: 20,
        };
        let opened = right().open(&who, at(0) + TimeDelta::seconds(secs), so_far, at(0));
        let expected = expected.map(|secs| at(0) + TimeDelta::seconds(secs));
        assert_eq!(opened, expected, "{who} {in_the_hour} {in_force} {secs}");
    }
    for longest_secs in [0, -1, i64::MAX, i64::MIN] {
        let odd = SignalRight {
            longest_secs,
            ..right()
        };
        let so_far = SoFar {
            in_the_hour: 0,
            in_force: 0,
            principals: 20,
        };
        assert_eq!(
            odd.open(&person(), at(9), so_far, at(0)),
            Err(SignalError::Over),
            "{longest_secs}"
        );
    }
}

/// What a person asked for is stored as it always was; what a source signalled is something else, and nobody's own.
#[test]
fn who_it_comes_from_on_the_wire() {
    let alice = PersonId::new("alice").unwrap();
    let asked: Requester = serde_json::from_str("\"alice\"").unwrap();
    assert_eq!(asked, Requester::from(alice.clone()));
    assert!(asked == alice);
    assert_eq!(serde_json::to_string(&asked).unwrap(), "\"alice\"");
    let signalled = Requester::Signal(SignalRef {
        client: ClientId::from_uuid(uuid::Uuid::from_u128(7)),
        source_id: "alice".to_owned(),
    });
    assert!(signalled != alice && signalled.person().is_none());
    let back: Requester = serde_json::from_str(&serde_json::to_string(&signalled).unwrap()).unwrap();
    assert_eq!(back, signalled);
}

proptest! {
    /// Whatever a source sends and whenever, it never has more in force than its share, nor opens more in an hour than its
    /// rate, nor anything beyond its longest length.
    #[test]
    fn a_source_never_exceeds_its_limits(
        sent in proptest::collection::vec((0i64..900, -10i64..20_000), 1..80), principals in 0usize..200,
    ) {
        let mut now = at(0);
        let mut opened: Vec<(chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>)> = Vec::new();
        for (later, length) in sent {
            now += TimeDelta::seconds(later);
            let so_far = SoFar {
                in_the_hour: opened.iter().filter(|(at, _)| *at > now - TimeDelta::hours(1)).count(),
                in_force: opened.iter().filter(|(_, ends)| *ends > now).count(),
                principals,
            };
            let judged = right().open(&person(), now + TimeDelta::seconds(length), so_far, now);
            // A source that has sent nothing of late is never refused.
            if length > 0 && so_far.in_the_hour == 0 && so_far.in_force == 0 {
                prop_assert!(judged.is_ok());
            }
            if let Ok(ends) = judged {
                prop_assert!(ends > now && ends <= now + TimeDelta::hours(1));
                opened.push((now, ends));
            }
            prop_assert!(opened.iter().filter(|(_, ends)| *ends > now).count() <= most_in_force(principals));
            prop_assert!(opened.iter().filter(|(at, _)| *at > now - TimeDelta::hours(1)).count() <= 4);
        }
    }
}
