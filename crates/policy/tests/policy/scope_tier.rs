//! The tier that an opt-out is approved under.

use crate::demo::DEMO;
use crate::support::*;
use domain::principal::PrincipalKind;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use policy::evaluate::scope_tier;
use std::collections::BTreeSet;

fn tier(scope: &Scope) -> &'static str {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    let name = scope_tier(&held, scope, tuesday()).name.clone();
    policy
        .tiers()
        .iter()
        .find(|tier| tier.name == name)
        .unwrap()
        .name
        .as_str()
}

fn on(resources: &[&str]) -> Scope {
    let selectors = resources
        .iter()
        .map(|text| ResourceSelector::Id(resource(text)))
        .collect();
    Scope {
        resources: Some(selectors),
        ..Scope::default()
    }
}

#[test]
fn it_is_the_strictest_that_the_scope_covers() {
    assert_eq!(tier(&on(&["service payments-staging"])), "low");
    assert_eq!(
        tier(&on(&["service payments-staging", "database ledger-db"])),
        "high"
    );
    assert_eq!(
        tier(&on(&["service payments-staging", "service payments-prod"])),
        "critical"
    );
    assert_eq!(
        tier(&on(&["database ledger-db"])),
        "high",
        "and its replica, which is part of it"
    );
}

#[test]
fn what_is_left_open_counts_whole() {
    let mut read = on(&["service search-prod"]);
    assert_eq!(tier(&read), "high", "admin is among all that can be done");
    read.capabilities = Some(BTreeSet::from([capability("read"), capability("deploy")]));
    assert_eq!(tier(&read), "standard");
    assert_eq!(tier(&who_scope("workload ci/search")), "critical", "on anything");
}

#[test]
fn a_scope_that_covers_nothing_is_judged_strictly() {
    assert_eq!(tier(&on(&["service nothing"])), "critical");
    let mut nobody = on(&["service payments-staging"]);
    nobody.principals = Some(BTreeSet::from([PrincipalSelector::Group(
        "nobody".parse().unwrap(),
    )]));
    assert_eq!(tier(&nobody), "critical");
    nobody.principals = Some(BTreeSet::from([PrincipalSelector::Kind(PrincipalKind::Workload)]));
    assert_eq!(tier(&nobody), "low");
}
