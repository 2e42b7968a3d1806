//! The demo policy as a table that an auditor can read.

use crate::demo::DEMO;
use crate::support::{ask, input, snapshot};
use policy::Without;
use std::fmt::Write as _;

#[test]
fn the_demo_policy_decides_as_the_table_says() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    let roles = [
        (
            "staff of the owning team",
            ["person alice.meyer", "person jonas.weber"],
        ),
        (
            "staff of another team",
            ["person samir.haidari", "person samir.haidari"],
        ),
        ("on call", ["person erik.nilsson", "person erik.nilsson"]),
        ("external auditor", ["person p.novak", "person p.novak"]),
        ("contractor", ["person liam.byrne", "person liam.byrne"]),
        (
            "pipeline of the owning team",
            ["workload ci/data", "workload ci/payments"],
        ),
        ("supervised agent", ["agent agent/triage", "agent agent/triage"]),
        (
            "agent without supervisor",
            ["agent agent/search-tuner", "agent agent/search-tuner"],
        ),
    ];
    let resources = [
        ("service payments-staging", 1),
        ("database warehouse", 0),
        ("database ledger-db", 0),
        ("service payments-prod", 1),
        ("role incident-admin", 0),
    ];
    let mut table = String::new();
    writeln!(
        table,
        "{:28} {:8} {:26} {:9} outcome  reason",
        "role", "action", "resource", "tier"
    )
    .unwrap();
    for (role, who) in roles {
        for (on, owner) in resources {
            let sensible: &[&str] = match on.split_once(' ').unwrap().0 {
                "service" => &["read", "deploy", "admin"],
                "database" => &["read", "write", "admin"],
                _ => &["member"],
            };
            for what in sensible.iter().copied() {
                let found = ask(&held, &input(who[owner], what, on));
                writeln!(
                    table,
                    "{role:28} {what:8} {on:26} {:9} {:8} {}",
                    found.tier.as_str(),
                    found.effective.as_str(),
                    found.reason.as_str()
                )
                .unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn deploying_to_production_waits_for_a_person_and_to_staging_does_not() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    let prod = ask(
        &held,
        &input("workload ci/payments", "deploy", "service payments-prod"),
    );
    assert_eq!(prod.tier.as_str(), "critical");
    assert_eq!(prod.effective, domain::outcome::Outcome::Review);
    assert!(!prod.answer);
    let automate = &prod.matches[&domain::rule::Question::Automate];
    assert_eq!(
        automate
            .forbids
            .iter()
            .map(|rule| rule.as_str())
            .collect::<Vec<_>>(),
        ["no-unattended-prod-deploy"]
    );
    assert!(
        !automate.permits.is_empty(),
        "without the rule it would be automatic"
    );
    let staging = ask(
        &held,
        &input("workload ci/payments", "deploy", "service payments-staging"),
    );
    assert_eq!(staging.effective, domain::outcome::Outcome::Automate);
    assert!(staging.answer);
}

#[test]
fn staging_is_automatic_at_every_hour_of_the_week() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    let deploy = input("workload ci/payments", "deploy", "service payments-staging");
    for hour in 0..168 {
        let now = crate::support::tuesday() + chrono::TimeDelta::hours(hour);
        assert!(
            policy::evaluate(&held, &deploy, now, &Without::nothing()).answer,
            "{now}"
        );
    }
}
