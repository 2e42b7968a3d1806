//! What cannot be evaluated is denied, and says why.

use crate::demo::{self, DEMO};
use crate::support::{approved, ask, bypass_scope, input, opt_out, snapshot};
use domain::decision::Reason;
use domain::directory::Directory;
use domain::opt_out::Direction;
use domain::outcome::Outcome;
use domain::rule::Question;
use policy::DirectoryView;
use serde_json::json;
use std::sync::Arc;

#[test]
fn unknown_subjects_and_resources_are_denied_under_the_strictest_tier() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    for (who, on, reason) in [
        (
            "workload ci/nobody",
            "service payments-staging",
            Reason::UnknownSubject,
        ),
        (
            "person ci/payments",
            "service payments-staging",
            Reason::UnknownSubject,
        ),
        ("workload ci/payments", "service nothing", Reason::UnknownResource),
        (
            "workload ci/payments",
            "starship payments-staging",
            Reason::UnknownResource,
        ),
        (
            "workload ci/payments",
            "Service payments-staging",
            Reason::UnknownResource,
        ),
    ] {
        let found = ask(&held, &input(who, "deploy", on));
        assert_eq!(
            (found.base, found.effective, found.answer),
            (Outcome::Deny, Outcome::Deny, false),
            "{who} {on}"
        );
        assert_eq!(found.reason, reason);
        assert_eq!(found.tier.as_str(), "critical");
    }
}

#[test]
fn an_asserted_value_of_the_wrong_type_denies_and_no_bypass_helps() {
    let (policy, view) = &*DEMO;
    let bypass = approved(
        opt_out(
            1,
            Direction::Bypass,
            bypass_scope("database ledger-db", &["read-needs-ticket"]),
        ),
        policy,
        view,
    );
    let held = snapshot(policy, view, &[bypass], &[]);
    let mut read = input("person alice.meyer", "read", "database ledger-db");
    assert!(ask(&held, &read).answer);
    let beyond: serde_json::Value = serde_json::from_str("9007199254740993.0").unwrap();
    for rows in [
        json!("many"),
        json!("5"),
        json!(5.5),
        json!(1e300),
        json!(u64::MAX),
        beyond,
        json!(true),
        json!([1]),
        json!({}),
    ] {
        read.asserted.insert("rows".to_owned(), rows.clone());
        let found = ask(&held, &read);
        let explained = policy::explain(policy, &found);
        assert!(
            explained
                .iter()
                .any(|rule| rule.words.contains("context.rows") && rule.words.contains("Long")),
            "{rows}: {explained:?}"
        );
        assert_eq!((found.effective, found.answer), (Outcome::Deny, false), "{rows}");
        assert_eq!(found.reason, Reason::RuleFailed);
        assert_eq!(found.matches[&Question::Grant].errors.len(), 1);
    }
    read.asserted.insert("rows".to_owned(), json!(40));
    read.asserted
        .insert("nobody-declared-this".to_owned(), json!({ "x": [1.5] }));
    assert!(
        ask(&held, &read).answer,
        "keys that no rule can read do not matter"
    );
    read.asserted.insert("rows".to_owned(), json!(10_001));
    assert_eq!(ask(&held, &read).reason, Reason::DeniedByPolicy);
}

#[test]
fn whole_numbers_are_long_however_they_are_written_and_null_is_absent() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    let ask_with = |rows: &str| {
        let mut read = input("person alice.meyer", "read", "database ledger-db");
        read.asserted.insert("ticket".to_owned(), json!("AUD-1"));
        read.asserted
            .insert("rows".to_owned(), serde_json::from_str(rows).unwrap());
        ask(&held, &read)
    };
    let without = ask_with("null");
    assert!(without.answer);
    for rows in ["5", "5.0", "1e3", "-0.0", "0.5e1", "10000.0"] {
        let found = ask_with(rows);
        assert!(found.answer, "{rows}: {found:?}");
    }
    for rows in ["10001.0", "1.0001e4", "9007199254740993"] {
        assert_eq!(
            ask_with(rows).reason,
            Reason::DeniedByPolicy,
            "{rows} is too many, and no fault of its type"
        );
    }
    let mut absent = input("person alice.meyer", "read", "database ledger-db");
    absent.asserted.insert("ticket".to_owned(), json!("AUD-1"));
    assert_eq!(ask(&held, &absent).tuple_digest, without.tuple_digest);
    assert_eq!(ask_with("5.0").tuple_digest, ask_with("5").tuple_digest);
}

#[test]
fn what_clients_merely_send_reaches_no_rule() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    let mut read = input("person alice.meyer", "read", "database ledger-db");
    read.evidence.insert("ticket".to_owned(), json!("AUD-1"));
    assert_eq!(ask(&held, &read).effective, Outcome::Review);
    read.asserted.insert("ticket".to_owned(), json!("AUD-1"));
    assert_eq!(ask(&held, &read).effective, Outcome::Automate);
}

#[test]
fn resources_of_types_that_the_schema_lacks_are_left_out_with_all_that_is_part_of_them() {
    let (policy, _) = &*DEMO;
    let mut directory = demo::directory();
    let ship = crate::support::resource("starship enterprise");
    let part = crate::support::resource("service payments-staging");
    let mut resources = directory.resources.clone();
    resources.insert(ship.clone(), resources[&part].clone());
    resources.get_mut(&part).unwrap().parents.insert(ship.clone());
    directory = Directory::new(directory.teams, directory.groups, directory.principals, resources).unwrap();
    let view = Arc::new(DirectoryView::new(policy, Arc::new(directory)).unwrap());
    assert_eq!(view.left_out(), [part.clone(), ship]);
    let held = snapshot(policy, &view, &[], &[]);
    let found = ask(
        &held,
        &input("workload ci/payments", "deploy", "service payments-staging"),
    );
    assert_eq!(
        found.reason,
        Reason::UnknownResource,
        "what forbids by the ship would otherwise not be seen"
    );
}

#[test]
fn a_directory_that_does_not_fit_the_schema_is_refused_whole_with_every_reason() {
    let (policy, _) = &*DEMO;
    let directory = demo::directory();
    let (mut principals, mut resources) = (directory.principals.clone(), directory.resources.clone());
    principals
        .get_mut(&crate::support::principal("person bob.okafor"))
        .unwrap()
        .attributes
        .clear();
    let staging = resources
        .get_mut(&crate::support::resource("service payments-staging"))
        .unwrap();
    staging
        .attributes
        .insert("business_critical".to_owned(), json!("no"));
    let prod = resources
        .get_mut(&crate::support::resource("service payments-prod"))
        .unwrap();
    prod.parents
        .insert(crate::support::resource("database ledger-db"));
    let directory = Directory::new(directory.teams, directory.groups, principals, resources).unwrap();
    let error = DirectoryView::new(policy, Arc::new(directory)).unwrap_err();
    let said: Vec<&str> = error
        .problems()
        .iter()
        .map(|problem| problem.what.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "person bob.okafor",
            "service payments-prod",
            "service payments-staging"
        ]
    );
}
