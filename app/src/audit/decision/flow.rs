//! A decision step by step: input → tier → rules → without opt-outs → opt-outs → effective → answer.

use domain::{
    decision::Reason, opt_out::Direction, outcome::Outcome, principal::PrincipalKind, rule::Question,
};
use leptos::prelude::*;

use crate::{
    audit::view::{AppliedView, DecisionView, RuleView, SaidView},
    component::{
        badge::Tone,
        decision_flow::{DecisionFlow, FlowRule, FlowRules, FlowStep, RuleEffect},
        icon::Shape,
        id::Id,
        time::{Time, TimeForm},
    },
};

/// The whole flow.
#[component]
pub(super) fn Flow(decision: DecisionView) -> impl IntoView {
    let now = decision.now;
    let of = |question: Question| -> Vec<RuleView> {
        decision
            .rules
            .iter()
            .filter(|rule| rule.question == question)
            .cloned()
            .collect()
    };
    let (classify, grant, automate) = (
        of(Question::Classify),
        of(Question::Grant),
        of(Question::Automate),
    );
    let opt_outs = if decision.applied.is_empty() {
        view! { <FlowStep shape=Shape::Branch title="No opt-out applied"/> }.into_any()
    } else {
        decision
            .applied
            .iter()
            .cloned()
            .map(|applied| view! { <AppliedStep applied now/> })
            .collect_view()
            .into_any()
    };
    view! {
        <DecisionFlow>
            <InputStep decision=decision.clone()/>
            <FlowStep shape=Shape::Layers title=format!("Tier {}", decision.tier.name)>
                {matched(classify, "No rule classifies it, so the strictest tier applies.")}
            </FlowStep>
            <FlowStep shape=Shape::Rules title="Rules">
                <p>"May it be granted at all?"</p>
                {matched(grant, "Nothing permits it, so it may not.")}
                <p class="mt-2">"Without a person?"</p>
                {matched(automate, "Nothing permits that.")}
            </FlowStep>
            <FlowStep
                shape=Shape::Scale
                tone=tone(decision.base)
                title=format!("Without opt-outs: {}", decision.base)
            >
                {meaning(decision.base)}
            </FlowStep>
            {opt_outs}
            <EffectiveStep decision=decision.clone()/>
            <AnswerStep decision/>
        </DecisionFlow>
    }
    .into_any()
}

#[component]
fn InputStep(decision: DecisionView) -> impl IntoView {
    let shape = match decision.principal_kind {
        PrincipalKind::Person => Shape::User,
        PrincipalKind::Workload => Shape::Workload,
        PrincipalKind::Agent => Shape::Agent,
    };
    let (kind, resource) = decision.resource;
    let title = format!(
        "{} {} asked to {} {kind} {resource}",
        decision.principal_kind, decision.principal, decision.capability
    );
    let asked_by = decision.client.map(|client| format!("asked through {client}"));
    let asserted =
        (!decision.asserted.is_empty()).then(|| format!("asserted {}", listed(&decision.asserted)));
    let evidence = (!decision.evidence.is_empty())
        .then(|| format!("sent besides, read by no rule: {}", listed(&decision.evidence)));
    let parts: Vec<String> = asked_by.into_iter().chain(asserted).chain(evidence).collect();
    view! { <FlowStep shape title>{parts.join(" · ")}</FlowStep> }.into_any()
}

fn listed(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    pairs.join(", ")
}

/// The rules that matched, or what it means that none did.
fn matched(rules: Vec<RuleView>, none: &'static str) -> AnyView {
    if rules.is_empty() {
        return view! { <p class="mt-1 text-sm">{none}</p> }.into_any();
    }
    let rules = rules
        .into_iter()
        .map(|rule| {
            let effect = match rule.said {
                SaidView::Permits => RuleEffect::Permits,
                SaidView::Forbids => RuleEffect::Forbids,
                SaidView::TakenOut => RuleEffect::TakenOut,
                SaidView::Failed => RuleEffect::Errs,
            };
            let href = format!("/policies#rule-{}", rule.id);
            view! { <FlowRule id=rule.id href effect note=rule.words/> }
        })
        .collect_view();
    view! { <FlowRules>{rules}</FlowRules> }.into_any()
}

#[component]
fn AppliedStep(applied: AppliedView, now: domain::window::Instant) -> impl IntoView {
    let (tone, shape, title) = match applied.direction {
        Direction::Bypass => (
            Tone::Lax,
            Shape::Route,
            format!("An opt-out takes {} out", applied.rules.join(", ")),
        ),
        Direction::ToManual => (
            Tone::Strict,
            Shape::UserCheck,
            "An opt-out sends it to a person".to_owned(),
        ),
    };
    let href = format!("/opt-outs/{}", applied.id);
    let named = applied.title.map(|title| {
        view! {
            <a class="link link-hover" href=href.clone()>
                {title}
            </a>
            " · "
        }
    });
    let ends = applied.ends_at.map(|at| {
        view! {
            " · ends "
            <Time at now form=TimeForm::Absolute/>
        }
    });
    let credited = (!applied.credited).then_some(" · a narrower one is credited with the use");
    view! {
        <FlowStep shape tone title>
            {named}
            <Id value=applied.id href/>
            {format!(", revision {}", applied.revision)}
            {ends}
            {credited}
        </FlowStep>
    }
    .into_any()
}

#[component]
fn EffectiveStep(decision: DecisionView) -> impl IntoView {
    let exempt = decision.effective < decision.base;
    let tone = if exempt {
        Tone::Lax
    } else {
        tone(decision.effective)
    };
    let title = if exempt {
        format!("Effective: {}, marked exempt", decision.effective)
    } else {
        format!("Effective: {}", decision.effective)
    };
    let words = if decision.effective == decision.base {
        if decision.applied.is_empty() {
            "as the rules say"
        } else {
            "the opt-outs changed nothing"
        }
    } else {
        meaning(decision.effective)
    };
    view! { <FlowStep shape=Shape::Scale tone title>{words}</FlowStep> }.into_any()
}

#[component]
fn AnswerStep(decision: DecisionView) -> impl IntoView {
    let (shape, tone, title) = if decision.answer {
        (Shape::CircleCheck, Tone::Settled, "Answer: allowed")
    } else {
        (Shape::CircleCross, Tone::Danger, "Answer: not allowed")
    };
    let now = decision.now;
    let grant = decision.grant.map(|(id, ends_at)| {
        let until = ends_at.map(|at| {
            view! {
                " until "
                <Time at now form=TimeForm::Absolute/>
            }
        });
        view! {
            " · grant "
            <Id value=id/>
            {until}
        }
    });
    view! {
        <FlowStep shape tone title>
            {because(decision.reason)}
            {grant}
        </FlowStep>
    }
    .into_any()
}

const fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Automate => Tone::Settled,
        Outcome::Review => Tone::Strict,
        Outcome::Deny => Tone::Danger,
    }
}

const fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Automate => "granted without a person",
        Outcome::Review => "a person has to approve first",
        Outcome::Deny => "not granted under this policy, whoever approves",
    }
}

const fn because(reason: Reason) -> &'static str {
    match reason {
        Reason::AutomatedByPolicy => "policy grants it without a person",
        Reason::Granted => "a grant was in force",
        Reason::ApprovalRequired => "a person has to approve, and no grant was in force",
        Reason::DeniedByPolicy => "policy refuses it",
        Reason::NothingPermits => "no rule permits it",
        Reason::UnknownSubject => "the directory did not know who asked",
        Reason::UnknownResource => "the directory did not know the resource",
        Reason::RuleFailed => "a rule failed, and errors never allow",
    }
}
