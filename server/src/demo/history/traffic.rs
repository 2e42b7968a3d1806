//! The daily traffic: pipelines that deploy, people and jobs that read. Nearly all of it is decided by policy.

use chrono::TimeDelta;
use domain::window::Instant;

use super::DAYS;
use super::acts::{Act, Question};
use super::calendar::{Dice, any_hour, is_workday, midnight, office_hours};

type Line = (
    &'static str,
    (&'static str, &'static str),
    (&'static str, &'static str),
    &'static str,
    u64,
);

/// Client, subject, resource, action, and how often on a working day.
const AT_WORK: [Line; 12] = [
    (
        "ci-gateway",
        ("workload", "ci/payments"),
        ("service", "payments-staging"),
        "deploy",
        9,
    ),
    (
        "ci-gateway",
        ("workload", "ci/search"),
        ("service", "search-staging"),
        "deploy",
        7,
    ),
    (
        "ci-gateway",
        ("workload", "ci/search"),
        ("service", "search-prod"),
        "deploy",
        3,
    ),
    (
        "ci-gateway",
        ("workload", "ci/edge"),
        ("service", "edge-gw"),
        "deploy",
        2,
    ),
    (
        "ci-gateway",
        ("workload", "ci/search-experiments"),
        ("service", "search-staging"),
        "deploy",
        4,
    ),
    (
        "psql-gateway",
        ("person", "alice.meyer"),
        ("database", "warehouse"),
        "read",
        6,
    ),
    (
        "psql-gateway",
        ("person", "hanna.lindt"),
        ("database", "warehouse"),
        "read",
        5,
    ),
    (
        "psql-gateway",
        ("person", "ravi.patel"),
        ("database", "warehouse"),
        "write",
        2,
    ),
    (
        "console",
        ("person", "jonas.weber"),
        ("service", "payments-staging"),
        "read",
        4,
    ),
    (
        "console",
        ("person", "lena.fischer"),
        ("service", "edge-gw"),
        "read",
        2,
    ),
    (
        "console",
        ("person", "liam.byrne"),
        ("service", "payments-prod"),
        "admin",
        1,
    ),
    (
        "psql-gateway",
        ("agent", "agent/triage"),
        ("database", "warehouse"),
        "read",
        3,
    ),
];

/// What runs on days off too.
const WEEKEND: Line = (
    "ci-gateway",
    ("workload", "ci/payments"),
    ("service", "payments-staging"),
    "deploy",
    4,
);

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    let mut dice = Dice::new(11);
    for days in (0..=DAYS).rev() {
        let day = midnight(until, days);
        nightly(day, script);
        if is_workday(day) {
            working_day(day, &mut dice, script);
        } else {
            for _ in 0..4 {
                let at = any_hour(day, &mut dice);
                script.push((at, ask(WEEKEND, Vec::new())));
            }
        }
    }
}

/// Jobs that run each night.
fn nightly(day: Instant, script: &mut Vec<(Instant, Act)>) {
    let export = (
        "psql-gateway",
        ("workload", "job/nightly-export"),
        ("database", "warehouse"),
        "read",
        1,
    );
    let rows = vec![("ticket", "CHG-7001".to_owned())];
    script.push((day + TimeDelta::minutes(125), ask(export, rows)));
}

fn working_day(day: Instant, dice: &mut Dice, script: &mut Vec<(Instant, Act)>) {
    for line in AT_WORK {
        // Between half and one and a half of the usual number.
        let often = line.4 / 2 + dice.below(line.4 + 1);
        for _ in 0..often {
            script.push((office_hours(day, dice), ask(line, Vec::new())));
        }
    }
    for reader in ["alice.meyer", "hanna.lindt", "noor.aziz"] {
        let line = (
            "psql-gateway",
            ("person", reader),
            ("database", "ledger-db"),
            "read",
            1,
        );
        for _ in 0..dice.below(4) {
            let ticket = format!("DAT-{}", 2_000 + dice.below(400));
            script.push((office_hours(day, dice), ask(line, vec![("ticket", ticket)])));
        }
    }
    // External auditors read without a ticket: a person decides, unless an opt-out is in force.
    for auditor in ["p.novak", "s.ito"] {
        for database in ["ledger-db", "ledger-db-replica"] {
            let line = (
                "psql-gateway",
                ("person", auditor),
                ("database", database),
                "read",
                1,
            );
            for _ in 0..dice.below(4) {
                script.push((office_hours(day, dice), ask(line, Vec::new())));
            }
        }
    }
}

fn ask((client, subject, resource, action, _): Line, context: Vec<(&'static str, String)>) -> Act {
    Act::Ask(Question {
        client,
        subject,
        resource,
        action,
        context,
    })
}
