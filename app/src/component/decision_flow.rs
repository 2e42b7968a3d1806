//! A decision as a flow: input → tier → rules → without opt-outs → opt-outs → effective.

use leptos::prelude::*;

use super::{
    badge::Tone,
    icon::{Icon, Shape},
};

/// The flow, top to bottom.
#[component]
pub fn DecisionFlow(
    /// One [`FlowStep`] after another.
    children: Children,
) -> impl IntoView {
    view! { <ol class="decision-flow">{children()}</ol> }.into_any()
}

/// One step of the flow.
#[component]
pub fn FlowStep(
    /// What kind of step.
    shape: Shape,
    /// What its colour means; steps that only report have none.
    #[prop(optional)]
    tone: Tone,
    /// What happened, in a clause.
    #[prop(into)]
    title: String,
    /// What it rests on.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let ring = match tone {
        Tone::Neutral => "flow-mark border-base-300",
        Tone::Strict => "flow-mark border-info text-info",
        Tone::Lax => "flow-mark border-warning text-warning",
        Tone::Danger => "flow-mark border-error text-error",
        Tone::Settled => "flow-mark border-success text-success",
    };
    view! {
        <li class="flex gap-4">
            <span class=ring>
                <Icon shape/>
            </span>
            <div class="panel grow min-w-0 px-4 py-3 mb-3">
                <p class="font-medium text-sm wrap-anywhere">{title}</p>
                {children.map(|children| view! { <div class="note mt-0.5 wrap-anywhere">{children()}</div> })}
            </div>
        </li>
    }
    .into_any()
}

/// What a rule did in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleEffect {
    /// Its condition held and it permits.
    Permits,
    /// Its condition held and it forbids.
    Forbids,
    /// It would forbid, but an opt-out takes it out.
    TakenOut,
    /// It could not be evaluated, which counts against the request.
    Errs,
}

/// The rules that had a say.
#[component]
pub fn FlowRules(
    /// One [`FlowRule`] after another.
    children: Children,
) -> impl IntoView {
    view! { <ul class="text-sm mt-1 space-y-1 text-base-content">{children()}</ul> }.into_any()
}

/// One rule.
#[component]
pub fn FlowRule(
    /// Its id.
    #[prop(into)]
    id: String,
    /// Where it can be read.
    #[prop(optional, into)]
    href: Option<String>,
    /// What it did.
    effect: RuleEffect,
    /// What it says, in plain words.
    #[prop(into)]
    note: String,
) -> impl IntoView {
    let (shape, class, word) = match effect {
        RuleEffect::Permits => (Shape::Check, "size-4 mt-0.5 text-success", "permits"),
        RuleEffect::Forbids => (Shape::Cross, "size-4 mt-0.5 text-error", "forbids"),
        RuleEffect::TakenOut => (Shape::Route, "size-4 mt-0.5 text-warning", "taken out"),
        RuleEffect::Errs => (Shape::CircleAlert, "size-4 mt-0.5 text-error", "errs"),
    };
    let name = match href {
        Some(href) => view! {
            <a class="link link-hover" href=href>
                {id}
            </a>
        }
        .into_any(),
        None => view! { {id} }.into_any(),
    };
    view! {
        <li class="flex gap-2">
            <Icon shape class/>
            <p class="min-w-0">{name} " " <span class="note">{word} ": " {note}</span></p>
        </li>
    }
    .into_any()
}
