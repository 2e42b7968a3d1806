//! What may be decided in one go.

use crate::limits::tier;
use domain::approval::{
    AtOnceError, MOST_AT_ONCE, Shape, approve_at_once, approved_in_a_list, deny_at_once, in_a_list,
};
use domain::name::TierName;
use domain::opt_out::Direction;
use domain::resource::ResourceRef;
use domain::scope::ResourceSelector;
use domain::tier::Tier;
use proptest::prelude::*;

fn named(name: &str, rank: u32, bulk_approve: bool, step_up: bool) -> Tier {
    Tier {
        name: name.parse().unwrap(),
        rank,
        bulk_approve,
        step_up,
        ..tier(Vec::new())
    }
}

fn tiers() -> [Tier; 4] {
    [
        named("low", 10, false, false),
        named("standard", 20, true, false),
        named("high", 30, false, false),
        named("critical", 40, false, true),
    ]
}

fn name(name: &str) -> TierName {
    name.parse().unwrap()
}

fn access(tier: &str, resource: &str, capability: &str) -> Shape {
    Shape::Access {
        tier: name(tier),
        resource: ResourceRef::new("service", resource).unwrap(),
        capability: capability.parse().unwrap(),
    }
}

fn opt_out(direction: Direction, rules: &[&str], resource: Option<&str>) -> Shape {
    Shape::OptOut {
        tier: name("low"),
        direction,
        rules: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
        resources: resource.map(|id| [ResourceSelector::Id(ResourceRef::new("service", id).unwrap())].into()),
        capabilities: None,
    }
}

#[test]
fn a_mark_reaches_down_and_never_up() {
    let tiers = tiers();
    for (tier, approved, listed) in [
        ("low", true, true),
        ("standard", true, true),
        ("high", false, true),
        ("critical", false, false),
        ("gone", false, false),
    ] {
        assert_eq!(
            approved_in_a_list(&name(tier), &tiers).is_ok(),
            approved,
            "{tier}"
        );
        assert_eq!(in_a_list(&name(tier), &tiers).is_ok(), listed, "{tier}");
    }
    let unmarked = [named("low", 10, false, false)];
    assert_eq!(
        approved_in_a_list(&name("low"), &unmarked),
        Err(AtOnceError::TooStrict(name("low")))
    );
    // Below a marked tier, one that asks for a fresh sign-in still does.
    let odd = [named("low", 10, false, true), named("standard", 20, true, false)];
    assert_eq!(
        approved_in_a_list(&name("low"), &odd),
        Err(AtOnceError::SignsInAfresh(name("low")))
    );
}

#[test]
fn one_difference_in_shape_is_one_too_many() {
    let alike = access("low", "payments-staging", "admin");
    let bypass = opt_out(Direction::Bypass, &["known-network"], Some("payments-staging"));
    for (one, other) in [
        (&alike, access("standard", "payments-staging", "admin")),
        (&alike, access("low", "search-staging", "admin")),
        (&alike, access("low", "payments-staging", "read")),
        (&alike, bypass.clone()),
        (
            &bypass,
            opt_out(Direction::ToManual, &["known-network"], Some("payments-staging")),
        ),
        (
            &bypass,
            opt_out(Direction::Bypass, &["change-freeze"], Some("payments-staging")),
        ),
        (
            &bypass,
            opt_out(Direction::Bypass, &["known-network"], Some("search-staging")),
        ),
        (&bypass, opt_out(Direction::Bypass, &["known-network"], None)),
    ] {
        let pair = [one.clone(), other.clone()];
        assert_eq!(
            approve_at_once(&pair, &tiers()),
            Err(AtOnceError::Unlike),
            "{other:?}"
        );
        assert_eq!(deny_at_once(&pair, &tiers()), Ok(()), "{other:?}");
    }
    assert_eq!(approve_at_once(&[bypass.clone(), bypass], &tiers()), Ok(()));
}

#[test]
fn what_asks_for_a_fresh_sign_in_is_on_no_list() {
    let critical = [access("critical", "payments-prod", "deploy")];
    let refused = Err(AtOnceError::SignsInAfresh(name("critical")));
    assert_eq!(deny_at_once(&critical, &tiers()), refused);
    assert_eq!(approve_at_once(&critical, &tiers()), refused);
    let high = [access("high", "ledger", "read")];
    assert_eq!(deny_at_once(&high, &tiers()), Ok(()));
    assert_eq!(
        approve_at_once(&high, &tiers()),
        Err(AtOnceError::TooStrict(name("high")))
    );
}

proptest! {
    /// At least one, at most the cap, whatever is said of them.
    #[test]
    fn the_cap_holds_for_both(count in 0usize..40) {
        let shapes = vec![access("low", "payments-staging", "admin"); count];
        let expected = match count {
            0 => Err(AtOnceError::Nothing),
            count if count > MOST_AT_ONCE => Err(AtOnceError::TooMany),
            _ => Ok(()),
        };
        prop_assert_eq!(approve_at_once(&shapes, &tiers()), expected.clone());
        prop_assert_eq!(deny_at_once(&shapes, &tiers()), expected);
    }
}
