//! Invariant 6 and the two rules about time: a growing group widens no bypass, a shrinking one loosens no `to_manual`.

use crate::generate::{capability, directory, narrowed, principal, resource, scope};
use domain::directory::Directory;
use domain::name::RuleId;
use domain::opt_out::Direction;
use domain::principal::{PrincipalFacts, PrincipalKind, PrincipalRef};
use domain::resource::{ResourceFacts, ResourceRef};
use domain::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope, ScopeError, reaches};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn principals(directory: &Directory) -> Vec<PrincipalFacts> {
    directory
        .principals
        .keys()
        .map(|name| directory.principal_facts(name).unwrap())
        .collect()
}

fn resources(directory: &Directory) -> Vec<ResourceFacts> {
    directory
        .resources
        .keys()
        .map(|name| directory.resource_facts(name).unwrap())
        .collect()
}

fn coverage(scope: &Scope, directory: &Directory) -> Coverage {
    Coverage::of(scope, principals(directory).iter(), resources(directory).iter())
}

type Reached = BTreeSet<(PrincipalRef, ResourceRef, String)>;

/// All inputs that a scope reaches; whom and what it is asked about may come from two directories.
fn reached(
    direction: Direction,
    scope: &Scope,
    was: &Coverage,
    whom: &Directory,
    what: &Directory,
) -> Reached {
    let mut found = Reached::new();
    for principal in principals(whom) {
        for resource in resources(what) {
            for capability in [capability(0), capability(1)] {
                if reaches(direction, scope, was, &principal, &resource, &capability) {
                    found.insert((
                        principal.principal.clone(),
                        resource.resource.clone(),
                        capability.to_string(),
                    ));
                }
            }
        }
    }
    found
}

proptest! {
    /// Invariant 6.
    #[test]
    fn what_encloses_accepts_is_never_wider(
        (outer, inner) in narrowed(), then in directory(), now in directory(),
    ) {
        prop_assert!(outer.encloses(&inner));
        prop_assert!(inner.rules.is_subset(&outer.rules));
        for direction in Direction::ALL {
            let wide = reached(direction, &outer, &coverage(&outer, &then), &now, &now);
            let narrow = reached(direction, &inner, &coverage(&inner, &then), &now, &now);
            prop_assert!(narrow.is_subset(&wide));
            // The coverage that was taken at submission, before the narrowing.
            let stale = reached(direction, &inner, &coverage(&outer, &then), &now, &now);
            prop_assert!(stale.is_subset(&wide));
        }
    }

    /// Invariant 6, for scopes that have nothing to do with one another.
    #[test]
    fn what_reaches_more_is_not_enclosed(outer in scope(), inner in scope(), now in directory()) {
        let all = |scope| reached(Direction::Bypass, scope, &coverage(scope, &now), &now, &now);
        if !all(&inner).is_subset(&all(&outer)) {
            prop_assert!(!outer.encloses(&inner));
        }
        prop_assert!(outer.encloses(&outer));
    }

    #[test]
    fn leaving_a_dimension_open_or_adding_to_it_is_widening(scope in scope()) {
        let open = |change: fn(&mut Scope)| {
            let mut wider = scope.clone();
            change(&mut wider);
            wider
        };
        let opened = [
            open(|scope| scope.principals = None),
            open(|scope| scope.resources = None),
            open(|scope| scope.capabilities = None),
        ];
        for wider in opened {
            prop_assert_eq!(scope.encloses(&wider), wider == scope);
        }
        let mut wider = scope.clone();
        wider.rules.insert(RuleId::new("another").unwrap());
        prop_assert!(!scope.encloses(&wider));
        let mut wider = scope.clone();
        if let Some(selectors) = &mut wider.resources {
            selectors.insert(ResourceSelector::Type("another".to_owned()));
            prop_assert!(!scope.encloses(&wider));
        }
    }

    /// Whatever becomes of groups, teams, labels and nesting after approval.
    #[test]
    fn a_bypass_never_grows_after_approval(scope in scope(), then in directory(), now in directory()) {
        let was = coverage(&scope, &then);
        let at_approval = reached(Direction::Bypass, &scope, &was, &then, &then);
        prop_assert!(reached(Direction::Bypass, &scope, &was, &now, &now).is_subset(&at_approval));
    }

    #[test]
    fn a_to_manual_never_shrinks_after_approval(scope in scope(), then in directory(), now in directory()) {
        let was = coverage(&scope, &then);
        let at_approval = reached(Direction::ToManual, &scope, &was, &then, &then);
        prop_assert!(at_approval.is_subset(&reached(Direction::ToManual, &scope, &was, &now, &now)));
    }

    /// Someone who was covered at approval leaves their groups: resources that joined since still need a person.
    #[test]
    fn leaving_a_group_never_loosens_a_to_manual(
        scope in scope(), then in directory(), now in directory(), left in directory(),
    ) {
        let was = coverage(&scope, &then);
        let before = reached(Direction::ToManual, &scope, &was, &now, &now);
        let after = reached(Direction::ToManual, &scope, &was, &left, &now);
        for input in before {
            if was.principals.as_ref().is_none_or(|set| set.contains(&input.0)) {
                prop_assert!(after.contains(&input), "{:?}", input);
            }
        }
    }

    #[test]
    fn a_coverage_that_was_never_taken_covers_nobody(scope in scope(), now in directory()) {
        let none = Coverage::default();
        let bypass = reached(Direction::Bypass, &scope, &none, &now, &now);
        prop_assert!(bypass.is_empty() || (scope.principals.is_none() && scope.resources.is_none()));
        let is = reached(Direction::Bypass, &scope, &coverage(&scope, &now), &now, &now);
        prop_assert_eq!(reached(Direction::ToManual, &scope, &none, &now, &now), is);
    }

    #[test]
    fn a_scope_that_passes_its_check_bounds_something(scope in scope()) {
        if scope.clone().check(Direction::Bypass).is_ok() {
            let scope = scope.clone();
            let resources = scope.resources.clone().unwrap();
            prop_assert!(!scope.rules.is_empty() && !resources.is_empty());
            prop_assert!(scope.principals.is_some_and(|principals| !principals.is_empty()));
            prop_assert!(resources.iter().all(|one| !matches!(one, ResourceSelector::Type(_))));
        }
        if scope.check(Direction::ToManual).is_ok() {
            prop_assert!(scope.rules.is_empty());
            prop_assert!(scope.principals.is_some() || scope.resources.is_some());
        }
    }
}

#[test]
fn empty_and_wildcard_scopes_are_refused_for_a_bypass() {
    let rules = BTreeSet::from([RuleId::new("rule").unwrap()]);
    let all = PrincipalSelector::Kind(PrincipalKind::Workload);
    let with = |resources| Scope {
        principals: Some(BTreeSet::from([all.clone()])),
        resources,
        rules: rules.clone(),
        ..Scope::default()
    };
    let check = |scope: Scope| scope.check(Direction::Bypass);
    let all_services = ResourceSelector::Type("service".to_owned());
    let one = ResourceSelector::Id(resource(0));
    assert_eq!(check(Scope::default()), Err(ScopeError::UnboundedResources));
    assert_eq!(check(with(None)), Err(ScopeError::UnboundedResources));
    assert_eq!(
        check(with(Some(BTreeSet::new()))),
        Err(ScopeError::EmptyDimension("resources"))
    );
    // A type beside an id is as wide as the type: inside a dimension selectors are alternatives.
    for selectors in [vec![all_services.clone()], vec![all_services, one.clone()]] {
        let scope = with(Some(selectors.into_iter().collect()));
        assert_eq!(check(scope), Err(ScopeError::UnboundedResources));
    }
    assert_eq!(check(with(Some(BTreeSet::from([one.clone()])))), Ok(()));
    let ruleless = Scope {
        rules: BTreeSet::new(),
        ..with(Some(BTreeSet::from([one.clone()])))
    };
    assert_eq!(check(ruleless), Err(ScopeError::NoRules));
    // For anybody: whoever decides it would be exempted by it.
    let for_anybody = Scope {
        principals: None,
        ..with(Some(BTreeSet::from([one])))
    };
    assert_eq!(check(for_anybody), Err(ScopeError::UnboundedPrincipals));
    assert_eq!(ScopeError::UnboundedPrincipals.field(), "principals");
}

#[test]
fn a_star_is_a_name_like_any_other() {
    let star = PrincipalSelector::Id(PrincipalRef::new(PrincipalKind::Person, "*").unwrap());
    let facts = PrincipalFacts {
        principal: principal(0),
        team: domain::name::TeamName::new("team").unwrap(),
        groups: BTreeSet::new(),
        labels: [("site".to_owned(), "lisbon".to_owned())].into(),
    };
    let label = |key: &str, value: &str| PrincipalSelector::Label {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    assert!(label("site", "lisbon").matches(&facts));
    for other in [
        label("site", "*"),
        label("site", "porto"),
        label("lisbon", "site"),
    ] {
        assert!(!other.matches(&facts), "{other:?}");
    }
    assert!(!star.matches(&facts));
}

#[test]
fn unknown_members_of_a_scope_and_bad_references_are_refused() {
    let read = |text: &str| serde_json::from_str::<Scope>(text);
    assert!(read(r#"{"principals":[{"group":"a"}]}"#).is_ok());
    // A misspelt dimension would otherwise be an open one.
    assert!(read(r#"{"principal":[{"group":"a"}]}"#).is_err());
    assert!(read(r#"{"principals":[{"id":{"kind":"person","id":""}}]}"#).is_err());
    assert!(read(r#"{"resources":[{"id":{"type":"service","id":"a\u200b"}}]}"#).is_err());
    let long = format!(
        r#"{{"resources":[{{"id":{{"type":"{}","id":"a"}}}}]}}"#,
        "x".repeat(129)
    );
    assert!(read(&long).is_err());
}
