//! Grants end by themselves, once, and are good for exactly what was asked.

use crate::generate::{at, capability, principal, resource};
use domain::digest::Digest;
use domain::grant::{EarlyEnd, Ended, Grant, tuple_digest};
use domain::id::{AccessRequestId, GrantId};
use domain::name::TierName;
use domain::window::Window;
use proptest::prelude::*;
use serde_json::{Value, json};

/// In microseconds: it starts at 100 and ends at 200.
pub(crate) fn grant() -> Grant {
    Grant {
        id: GrantId::from_uuid(uuid::Uuid::from_u128(1)),
        request: AccessRequestId::from_uuid(uuid::Uuid::from_u128(2)),
        principal: principal(0),
        resource: resource(0),
        capability: capability(0),
        tuple_digest: Digest::of(b"tuple"),
        window: Window::new(at(100), at(200)).unwrap(),
        approved_at: at(50),
        tier: TierName::new("high").unwrap(),
        ended: None,
        break_glass: false,
    }
}

proptest! {
    #[test]
    fn a_grant_that_is_over_stays_what_it_is(
        ended in proptest::option::of((0i64..300, any::<bool>())), now in 0i64..300, later in 0i64..300,
    ) {
        let ended = ended.map(|(when, revoked)| Ended {
            at: at(when),
            how: if revoked { EarlyEnd::Revoked } else { EarlyEnd::Relinquished },
        });
        let grant = Grant { ended, ..grant() };
        let then = grant.state(at(now));
        if then.is_terminal() {
            prop_assert_eq!(grant.state(at(now + later)), then);
            prop_assert!(grant.clone().end(EarlyEnd::Revoked, at(now)).is_err());
        } else {
            let over = grant.end(EarlyEnd::Revoked, at(now)).unwrap();
            prop_assert!(over.state(at(now)).is_terminal());
        }
    }

    #[test]
    fn a_grant_is_good_for_its_tuple_alone(one in 0usize..4, two in 0usize..4, first in -5i64..5, second in -5i64..5) {
        let digest = |number: usize, build: i64| {
            let value = json!(build);
            tuple_digest(&principal(number), &resource(0), &capability(0), &["build".to_owned()], |_| Some(&value))
                .unwrap()
        };
        prop_assert_eq!(digest(one, first) == digest(two, second), one == two && first == second);
    }
}

fn bound(value: &Value) -> Option<Digest> {
    let keys = ["build".to_owned()];
    let context = |key: &str| (key == "build").then_some(value);
    tuple_digest(&principal(0), &resource(0), &capability(0), &keys, context).ok()
}

#[test]
fn an_early_end_is_kept_at_the_precision_of_the_database() {
    let now = at(120) + chrono::TimeDelta::nanoseconds(900);
    let ended = grant().end(EarlyEnd::Relinquished, now).unwrap().ended.unwrap();
    assert_eq!(ended.at, at(120));
}

#[test]
fn numbers_that_would_be_rounded_bind_nothing() {
    let largest = (1u64 << 53) - 1;
    assert!(bound(&json!(largest)).is_some());
    assert_ne!(bound(&json!(largest)), bound(&json!(largest - 1)));
    let rounded = [
        json!(9_007_199_254_740_992_u64),
        json!(9_007_199_254_740_993_u64),
        json!(-9_007_199_254_740_993_i64),
        json!(1.0e20),
        json!([{ "deep": u64::MAX }]),
    ];
    for value in rounded {
        assert_eq!(bound(&value), None, "{value}");
    }
}

#[test]
fn an_absent_key_is_not_null() {
    let absent = tuple_digest(
        &principal(0),
        &resource(0),
        &capability(0),
        &["build".to_owned()],
        |_| None,
    );
    assert_ne!(bound(&Value::Null), absent.ok());
}
