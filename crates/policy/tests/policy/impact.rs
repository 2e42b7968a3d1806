//! The form's preview.

use crate::demo::DEMO;
use crate::support::*;
use domain::opt_out::{Direction, OptOutState};
use domain::outcome::Outcome::{Automate, Deny, Review};
use domain::scope::ResourceSelector;
use policy::{Change, Recorded, impact};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn recorded() -> Vec<Recorded> {
    let mut list: Vec<Recorded> = [
        ("person p.novak", "database ledger-db"),
        ("person s.ito", "database ledger-db-replica"),
        ("person p.novak", "database warehouse"),
        ("person liam.byrne", "database ledger-db"),
    ]
    .into_iter()
    .map(|(who, on)| Recorded {
        input: input(who, "read", on),
        at: tuesday(),
    })
    .collect();
    let mut export = list[0].clone();
    export.input.asserted.insert("rows".to_owned(), json!(20_000));
    list.push(export);
    let mut ticketed = list[0].clone();
    ticketed
        .input
        .asserted
        .insert("ticket".to_owned(), json!("AUD-2216"));
    list.push(ticketed);
    list
}

#[test]
fn a_bypass_shows_what_it_changes_and_what_stays_denied() {
    let (policy, view) = &*DEMO;
    let mut supposed = approved(
        opt_out(
            1,
            Direction::Bypass,
            bypass_scope("database ledger-db", &["read-needs-ticket"]),
        ),
        policy,
        view,
    );
    // It is only asked for, and its window is to come: the preview supposes that it were in force.
    supposed.state = OptOutState::Requested;
    let held = snapshot(policy, view, &[supposed.clone()], &[]);
    let found = impact(&held, &recorded(), &Arc::new(supposed), |_| true);
    assert_eq!((found.tried, found.covered), (6, 5));
    let change = |before, after| Change { before, after };
    assert_eq!(
        found.changes,
        BTreeMap::from([
            (change(Review, Automate), 2),
            (change(Automate, Automate), 1),
            (change(Deny, Deny), 2),
        ])
    );
    assert_eq!(found.examples[&change(Review, Automate)], [0, 1]);
    let held_by: Vec<_> = found
        .held_by
        .iter()
        .map(|(rule, count)| (rule.as_str(), *count))
        .collect();
    assert_eq!(held_by, [("no-bulk-export", 1)]);
}

#[test]
fn a_to_manual_shows_what_goes_to_people() {
    let (policy, view) = &*DEMO;
    let mut scope = who_scope("person p.novak");
    scope.resources = Some(BTreeSet::from([ResourceSelector::Type("database".to_owned())]));
    let supposed = Arc::new(approved(opt_out(1, Direction::ToManual, scope), policy, view));
    let found = impact(&snapshot(policy, view, &[], &[]), &recorded(), &supposed, |_| {
        true
    });
    assert_eq!(found.covered, 4);
    assert_eq!(
        found.changes[&Change {
            before: Automate,
            after: Review
        }],
        2
    );
}
