//! Premises take bypasses out of decisions, and never make one apply where it would not without.

use crate::demo::DEMO;
use crate::random;
use crate::support::*;
use domain::decision::{Evaluation, Input};
use domain::name::IncidentId;
use domain::opt_out::{Conditions, Direction, Facts, OptOut, Premise, Reading, Thing};
use domain::outcome::Outcome::{Automate, Review};
use policy::{DirectoryView, PolicyVersion, Snapshot, Uses};
use proptest::prelude::*;
use std::sync::Arc;

fn deploy() -> Input {
    input("workload ci/payments", "deploy", "service payments-prod")
}

fn on(premise: Premise, mut opt_out: OptOut) -> OptOut {
    opt_out.conditions = Conditions {
        premise: Some(premise),
        ..Conditions::default()
    };
    opt_out
}

fn bypass(premise: Premise) -> OptOut {
    let (policy, view) = &*DEMO;
    let scope = bypass_scope("service payments-prod", &["no-unattended-prod-deploy"]);
    on(
        premise,
        approved(opt_out(1, Direction::Bypass, scope), policy, view),
    )
}

/// Of a resource that the decision is not about.
fn attribute(is: &str) -> Premise {
    Premise::Attribute {
        of: Thing::Resource(resource("service payments-staging")),
        name: "business_critical".to_owned(),
        is: is.to_owned(),
    }
}

fn with(opt_out: OptOut, facts: Facts, reading: Option<Reading>) -> Evaluation {
    let (policy, view) = &*DEMO;
    let id = opt_out.id;
    let mut builder = Snapshot::builder(1, Arc::clone(policy), Arc::clone(view))
        .opt_out(Arc::new(opt_out), Uses::new(0))
        .facts(facts);
    if let Some(reading) = reading {
        builder = builder.reading(id, reading);
    }
    ask(&builder.build().unwrap(), &deploy())
}

#[test]
fn an_attribute_is_read_of_whatever_it_is_about_and_recorded() {
    let held = with(bypass(attribute("false")), Facts::default(), None);
    assert_eq!((held.base, held.effective), (Review, Automate));
    let fallen = with(bypass(attribute("true")), Facts::default(), None);
    assert_eq!(fallen.effective, Review);
    assert!(fallen.applied.is_empty());
    assert_eq!(
        fallen.considered, held.considered,
        "it was looked at all the same"
    );
    let read = Reading::Attribute {
        value: Some("false".to_owned()),
    };
    for (found, holds) in [(&held, true), (&fallen, false)] {
        assert_eq!(found.premises.len(), 1);
        assert_eq!(
            (&found.premises[0].reading, found.premises[0].holds),
            (&read, holds)
        );
    }
    // A replay is told what was read, and reads nothing itself.
    let replayed = with(
        bypass(attribute("true")),
        Facts::default(),
        Some(Reading::Attribute {
            value: Some("true".to_owned()),
        }),
    );
    assert_eq!(replayed.effective, Automate);
}

#[test]
fn an_incident_that_nobody_has_told_of_is_not_open() {
    let incident = IncidentId::new("INC-4471").unwrap();
    let premise = Premise::IncidentOpen {
        incident: incident.clone(),
    };
    for (open, effective) in [(None, Review), (Some(false), Review), (Some(true), Automate)] {
        let mut facts = Facts::default();
        facts.incidents.extend(open.map(|open| (incident.clone(), open)));
        assert_eq!(
            with(bypass(premise.clone()), facts, None).effective,
            effective,
            "{open:?}"
        );
    }
}

#[test]
fn a_to_manual_never_falls() {
    let (policy, view) = &*DEMO;
    let strict = approved(
        opt_out(1, Direction::ToManual, who_scope("workload ci/payments")),
        policy,
        view,
    );
    // No command makes such a row, nor does the schema let it in.
    let found = with(on(attribute("true"), strict), Facts::default(), None);
    assert_eq!(found.applied.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// With a premise, a decision comes out as with the opt-out or as without it: never any laxer than without a premise.
    #[test]
    fn a_premise_only_takes_away(
        rules in random::rules(),
        opt_outs in proptest::collection::vec(random::opt_out(), 1..4),
        value in prop::sample::select(vec!["true", "false", "never"]),
        first in 0usize..4,
    ) {
        let policy = Arc::new(PolicyVersion::load(&random::files(&rules)).unwrap());
        let view = Arc::new(DirectoryView::new(&policy, Arc::clone(DEMO.1.directory())).unwrap());
        let all: Vec<OptOut> = opt_outs.iter().zip(1u128..).map(|(one, number)| one.build(number, &policy, &view)).collect();
        let (last, others) = all.split_last().unwrap();
        let mut premised = others.to_vec();
        premised.push(on(attribute(value), last.clone()));
        let bare = snapshot(&policy, &view, &all, &[]);
        let less = snapshot(&policy, &view, others, &[]);
        let conditional = snapshot(&policy, &view, &premised, &[]);
        for input in random::inputs().into_iter().skip(first).step_by(4) {
            let (bare, less, found) = (ask(&bare, &input), ask(&less, &input), ask(&conditional, &input));
            let falls = last.direction == Direction::Bypass && value != "false";
            prop_assert_eq!(&found.applied, if falls { &less.applied } else { &bare.applied });
            prop_assert_eq!(found.effective, if falls { less.effective } else { bare.effective });
            prop_assert!(found.effective >= bare.effective);
        }
    }
}

#[test]
fn the_demo_says_what_is_bound_to_an_incident() {
    let bound: Vec<&str> = DEMO
        .0
        .scenarios()
        .iter()
        .filter(|case| case.incident_bound.is_some())
        .map(|case| case.id.as_str())
        .collect();
    assert_eq!(bound, ["incident-response"]);
}
