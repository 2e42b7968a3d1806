//! The three parts of the form: the case, what it covers, why and how long.

use domain::opt_out::Direction;
use leptos::prelude::*;

use super::{
    case_fields::{Chosen, DetailFields},
    premise_fields::PremiseFields,
    time_fields::TimeFields,
};
use crate::{
    component::field::{Choice, LinesField, RadioCards, TextArea, TextField, TickList},
    form::Submission,
    opt_outs::view::{RequestFormView, RuleChoice, ScenarioView},
};

#[component]
fn Part(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <section class="panel p-5 space-y-4">
            <h2 class="panel-title">{title}</h2>
            {children()}
        </section>
    }
    .into_any()
}

/// 1. The case and the direction.
#[component]
pub(super) fn CaseFields(offered: RequestFormView, submission: Submission) -> impl IntoView {
    let cases = offered.scenarios.iter().map(case).collect();
    let directions = vec![
        Choice::new(Direction::ToManual.as_str(), "To manual: a person decides")
            .with_note("What it covers is no longer automatic. Stricter than policy, never laxer."),
        Choice::new(Direction::Bypass.as_str(), "Bypass: out of a rule")
            .with_note("The rules that you name do not hold it back. Everything else still applies."),
    ];
    view! {
        <Part title="1. What is the case?">
            <RadioCards legend="Case" name="scenario" submission=submission.clone() choices=cases/>
            <h3 class="text-sm font-medium pt-1">"Which way?"</h3>
            <RadioCards legend="Direction" name="direction" submission choices=directions/>
        </Part>
    }
    .into_any()
}

fn case(scenario: &ScenarioView) -> Choice {
    let mut notes = vec![scenario.guidance.clone()];
    if let [only] = scenario.directions.as_slice() {
        notes.push(match only {
            Direction::ToManual => "To manual only.".to_owned(),
            Direction::Bypass => "Bypass only.".to_owned(),
        });
    }
    Choice::new(&scenario.id, &scenario.name).with_note(notes.join(" "))
}

/// 2. The scope.
#[component]
pub(super) fn CoverFields(offered: RequestFormView, submission: Submission) -> impl IntoView {
    let closed = match offered.closed_rules.as_slice() {
        [] => "Only a bypass names rules.".to_owned(),
        rules => format!(
            "Only a bypass names rules. Security rules cannot be bypassed: {}.",
            rules.join(", ")
        ),
    };
    let rules = offered.rules.iter().map(rule).collect();
    view! {
        <Part title="2. What does it cover?">
            <div class="grid gap-4 sm:grid-cols-2 items-start">
                <LinesField
                    label="Who"
                    name="scope.principals"
                    submission=submission.clone()
                    suggestions=offered.principals
                    optional=true
                    hint="One per line: group on-call, person p.novak, workload ci/payments, team data, label employment=contractor, all workloads. Empty: anybody, which a bypass cannot be for."
                />
                <LinesField
                    label="Which resources"
                    name="scope.resources"
                    submission=submission.clone()
                    suggestions=offered.resources
                    optional=true
                    hint="One per line: service payments-prod, label env=prod, team data, all database. A bypass needs at least one."
                />
                <TextField
                    label="To do what"
                    name="scope.capabilities"
                    submission=submission.clone()
                    optional=true
                    hint="Separated by commas, such as read, deploy. Empty: whatever."
                />
            </div>
            <TickList
                label="Out of which rules"
                name="scope.rules"
                submission
                choices=rules
                optional=true
                hint=closed
            />
        </Part>
    }
    .into_any()
}

fn rule(rule: &RuleChoice) -> Choice {
    let cases = match rule.scenarios.as_slice() {
        [] => String::new(),
        cases => format!(" ({})", cases.join(", ")),
    };
    Choice::new(&rule.id, &rule.id).with_note(format!("{}{cases}", rule.words))
}

/// 3. The reason and the time.
#[component]
pub(super) fn WhyFields(
    offered: RequestFormView,
    submission: Submission,
    chosen: RwSignal<Chosen>,
) -> impl IntoView {
    let fewest = match offered.reason_min_chars {
        (least, most) if least == most => format!("At least {least} characters."),
        (least, most) => format!("At least {least} characters, at the strictest tier {most}."),
    };
    let longest = offered
        .scenarios
        .iter()
        .map(|case| case.longest_secs)
        .max()
        .unwrap_or(0);
    let ticket_hint = ticket_hint(&offered.scenarios);
    let form = submission;
    let renewal_secs = offered.renewal.as_ref().map(|renewal| renewal.longest_secs);
    let renews = offered.renewal.map(|renewal| {
        view! { <input type="hidden" name="renews" value=renewal.id/> }
    });
    view! {
        {renews}
        <Part title="3. Why, and how long?">
            <TextField
                label="Title"
                name="title"
                submission=form.clone()
                max_chars=Some(120)
                hint="A few words for lists, such as Ledger reads during the Q4 audit."
            />
            <TextArea
                label="Reason"
                name="reason"
                submission=form.clone()
                max_chars=Some(4_000)
                hint=format!("{fewest} Shown to approvers, kept in the audit log.")
            />
            <DetailFields scenarios=offered.scenarios submission=form.clone() chosen/>
            <TimeFields submission=form.clone() zone=offered.zone longest_secs=longest renewal_secs/>
            <div class="grid gap-4 sm:grid-cols-2 items-start">
                <TextField
                    label="Ticket"
                    name="ticket"
                    submission=form.clone()
                    max_chars=Some(64)
                    optional=true
                    hint=ticket_hint
                />
                <TextField
                    label="Most uses"
                    name="max_uses"
                    submission=form.clone()
                    kind="number"
                    optional=true
                    hint="Only for a bypass: it ends once it has applied to so many decisions."
                />
            </div>
            <PremiseFields submission=form chosen tickets=offered.tickets/>
        </Part>
    }
    .into_any()
}

/// Which cases need a ticket, and what it looks like there.
fn ticket_hint(cases: &[ScenarioView]) -> String {
    let needed: Vec<&str> = cases
        .iter()
        .filter(|case| case.ticket_required)
        .map(|case| case.name.as_str())
        .collect();
    if needed.is_empty() {
        return "Where it is tracked.".to_owned();
    }
    let looks = cases
        .iter()
        .filter(|case| case.ticket_required)
        .filter_map(|case| case.ticket_message.as_deref());
    let sentences: Vec<String> = [format!("Needed for: {}.", needed.join(", "))]
        .into_iter()
        .chain(looks.map(str::to_owned))
        .collect();
    sentences.join(" ")
}
