//! The demo policy as a table that an auditor can read.

use crate::demo::DEMO;
use crate::support::{ask, input, snapshot};
use policy::Without;
use std::fmt::Write as _;

#[test]
fn the_demo_policy_decides_as_the_table_says() {
    let (policy, view) = &*DEMO;
    let held = snapshot(policy, view, &[], &[]);
    // Who stands for the role, by the team that owns the resource.
    let roles = [
        (
            "staff of the owning team",
            ["alice.meyer", "tom.becker", "yuki.mori", "samir.haidari"],
        ),
        ("staff of another team", ["lena.fischer"; 4]),
        ("on call, of another team", ["erik.nilsson"; 4]),
        ("external auditor", ["p.novak"; 4]),
        ("contractor of search", ["liam.byrne"; 4]),
        (
            "pipeline of the owning team",
            ["ci/data", "ci/payments", "ci/search", "ci/platform"],
        ),
        ("supervised agent", ["agent/triage"; 4]),
        ("agent without supervisor", ["agent/search-tuner"; 4]),
    ];
    let resources = [
        ("service payments-staging", 1),
        ("service search-prod", 2),
        ("database warehouse", 0),
        ("database ledger-db", 0),
        ("service payments-prod", 1),
        ("role incident-admin", 3),
    ];
    let kind = |id: &str| match id.split_once('/') {
        None => "person",
        Some(("agent", _)) => "agent",
        Some(_) => "workload",
    };
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
                let found = ask(
                    &held,
                    &input(&format!("{} {}", kind(who[owner]), who[owner]), what, on),
                );
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
