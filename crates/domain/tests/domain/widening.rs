//! Invariant 6: whatever an approver sends, what comes of it covers no more, lasts no longer and has no more uses.

use crate::generate::{at, capability, directory, narrowed, scope};
use crate::opt_out::opt_out;
use crate::reached::holds_where_reached;
use domain::directory::Directory;
use domain::name::{Capability, RuleId};
use domain::opt_out::{Direction, Narrowing, OptOut, OptOutState};
use domain::principal::{PrincipalFacts, PrincipalKind};
use domain::resource::{ResourceFacts, ResourceRef};
use domain::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope, reaches};
use domain::window::Window;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn coverage(scope: &Scope, directory: &Directory) -> Coverage {
    let principals: Vec<_> = directory
        .principals
        .keys()
        .filter_map(|name| directory.principal_facts(name))
        .collect();
    let resources: Vec<_> = directory
        .resources
        .keys()
        .filter_map(|name| directory.resource_facts(name))
        .collect();
    Coverage::of(scope, principals.iter(), resources.iter())
}

fn reached(
    one: &OptOut,
    principal: &PrincipalFacts,
    resource: &ResourceFacts,
    capability: &Capability,
) -> bool {
    reaches(
        one.direction,
        &one.scope,
        &one.coverage,
        principal,
        resource,
        capability,
    )
}

/// Whether all that one reaches is reached by the other, whatever the directory has become.
fn reaches_no_more(less: &OptOut, more: &OptOut, directory: &Directory) -> bool {
    directory.principals.keys().all(|principal| {
        let principal = directory.principal_facts(principal).unwrap();
        directory.resources.keys().all(|resource| {
            let resource = directory.resource_facts(resource).unwrap();
            [capability(0), capability(1)].iter().all(|capability| {
                !reached(less, &principal, &resource, capability)
                    || reached(more, &principal, &resource, capability)
            })
        })
    })
}

/// Bounded as a bypass has to be, and narrowed to something.
fn bounded((mut outer, mut inner): (Scope, Scope)) -> (Scope, Scope) {
    fn within<T: Ord + Clone>(outer: &BTreeSet<T>, inner: Option<BTreeSet<T>>) -> BTreeSet<T> {
        let within: BTreeSet<T> = inner.unwrap_or_default().intersection(outer).cloned().collect();
        if within.is_empty() { outer.clone() } else { within }
    }
    let resources = outer.resources.get_or_insert_default();
    resources.retain(|selector| !matches!(selector, ResourceSelector::Type(_)));
    resources.insert(ResourceSelector::Id(
        ResourceRef::new("service", "always").unwrap(),
    ));
    inner.resources = Some(within(resources, inner.resources));
    let principals = outer.principals.get_or_insert_default();
    principals.insert(PrincipalSelector::Kind(PrincipalKind::Person));
    inner.principals = Some(within(principals, inner.principals));
    if let Some(capabilities) = &outer.capabilities {
        inner.capabilities = Some(within(capabilities, inner.capabilities));
    }
    outer.rules.insert(RuleId::new("always").unwrap());
    inner.rules = within(&outer.rules, Some(inner.rules));
    (outer, inner)
}

#[test]
fn nothing_that_can_be_sent_makes_it_more() {
    let sent = (
        narrowed().prop_map(bounded),
        scope(),
        prop::bool::weighted(0.8),
        [directory(), directory(), directory()],
        option::of(-10i64..200),
        option::of(1u32..20),
        option::of(0u32..30),
        any::<bool>(),
    );
    holds_where_reached(sent, 12, |sent| {
        let (
            (outer, inner),
            other,
            of_the_same,
            [then, now, later],
            length_secs,
            asked_uses,
            max_uses,
            narrows,
        ) = sent;
        let asked = OptOut {
            scope: outer.clone(),
            coverage: coverage(&outer, &then),
            window: Window::new(at(0), at(100_000_000)).unwrap(),
            max_uses: asked_uses,
            ..opt_out(Direction::Bypass, OptOutState::InReview { stage: 0 })
        };
        let wanted = if of_the_same { inner } else { other };
        let narrowing = Narrowing {
            length_secs,
            scope: narrows.then(|| (wanted.clone(), coverage(&wanted, &now))),
            max_uses,
        };
        let Ok(narrower) = asked.clone().narrow(narrowing, None) else {
            return Ok(false);
        };
        prop_assert!(asked.window.encloses(&narrower.window));
        prop_assert!(narrower.window.length_secs() <= asked.window.length_secs());
        prop_assert!(asked.scope.encloses(&narrower.scope));
        prop_assert!(narrower.scope.rules.is_subset(&asked.scope.rules));
        let fewer = |most| narrower.max_uses.is_some_and(|left| 0 < left && left <= most);
        prop_assert!(asked_uses.is_none_or(fewer));
        // As the last approval fixes both, and whatever becomes of the directory then.
        let fixed = |one: &OptOut| OptOut {
            coverage: coverage(&one.scope, &now),
            ..one.clone()
        };
        prop_assert!(reaches_no_more(&fixed(&narrower), &fixed(&asked), &later));
        prop_assert_eq!(narrower.revision, asked.revision + 1);
        Ok(narrows)
    });
}

#[test]
fn less_of_everything_is_accepted() {
    let asked = OptOut {
        window: Window::new(at(0), at(100_000_000)).unwrap(),
        max_uses: Some(5),
        ..opt_out(Direction::Bypass, OptOutState::InReview { stage: 0 })
    };
    let narrowing = Narrowing {
        length_secs: Some(50),
        scope: None,
        max_uses: Some(2),
    };
    let narrower = asked.narrow(narrowing, None).unwrap();
    assert_eq!((narrower.window.length_secs(), narrower.max_uses), (50, Some(2)));
}
