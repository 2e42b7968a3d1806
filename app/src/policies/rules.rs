//! The rules, by what they do: plain words first, Cedar behind.

use domain::rule::Exemptible;
use leptos::prelude::*;

use super::view::{RuleGroupView, RuleRole, RuleView};
use crate::component::{
    badge::{Badge, TierMark, Tone},
    icon::{Icon, Shape},
    panel::Panel,
};

/// All rules.
#[component]
pub(super) fn RuleGroups(groups: Vec<RuleGroupView>) -> impl IntoView {
    let panels = groups
        .into_iter()
        .map(|group| view! { <RuleGroup group/> })
        .collect_view();
    view! {
        <section id="rules" aria-labelledby="rules-heading" class="space-y-5">
            <h2 id="rules-heading" class="panel-title">
                "Rules, in the order in which a decision asks"
            </h2>
            {panels}
        </section>
    }
    .into_any()
}

const fn heading(role: RuleRole) -> (&'static str, &'static str) {
    match role {
        RuleRole::Classifies => (
            "Which tier applies",
            "The strictest that matches; none matching means the strictest of all.",
        ),
        RuleRole::Grants => ("What may be granted", "Nothing may, unless one of these says so."),
        RuleRole::Refuses => (
            "What is never granted",
            "Each of these is stronger than any that permits.",
        ),
        RuleRole::Automates => (
            "What needs no person",
            "What may be granted waits for a person, unless one of these says otherwise.",
        ),
        RuleRole::AsksForAPerson => (
            "What needs a person",
            "Each of these is stronger than any that permits.",
        ),
    }
}

#[component]
fn RuleGroup(group: RuleGroupView) -> impl IntoView {
    let (title, note) = heading(group.role);
    let rules = group
        .rules
        .into_iter()
        .map(|rule| view! { <Rule rule/> })
        .collect_view();
    view! {
        <Panel title aside=view! { <p class="note">{note}</p> }.into_any() flush=true>
            <ul class="divide-y divide-base-300">{rules}</ul>
        </Panel>
    }
    .into_any()
}

#[component]
fn Rule(rule: RuleView) -> impl IntoView {
    let anchor = format!("rule-{}", rule.id);
    let tier = rule.tier.map(|tier| view! { <TierMark tier/> });
    let exemptible = match rule.exemptible {
        Exemptible::Bypass => {
            Some(view! { <Badge tone=Tone::Lax text="can be bypassed" shape=Shape::Route/> })
        }
        Exemptible::BreakGlass => {
            Some(view! { <Badge tone=Tone::Lax text="can be bypassed, break-glass too" shape=Shape::Flame/> })
        }
        Exemptible::BreakGlassOnly => {
            Some(view! { <Badge tone=Tone::Lax text="break-glass only" shape=Shape::Flame/> })
        }
        Exemptible::No => None,
    };
    let pinned = (rule.exemptible != Exemptible::No).then(|| {
        let carried = match rule.carries_over {
            0 => "",
            1 => " What was approved under one earlier text stands under this one too.",
            _ => " What was approved under some earlier texts stands under this one too.",
        };
        view! {
            <p class="note mt-2">
                "A bypass is approved for this text, " <span class="id break-all">{rule.digest}</span> "." {carried}
            </p>
        }
    });
    let cases = (!rule.scenarios.is_empty()).then(|| format!("Cases: {}.", rule.scenarios.join(", ")));
    view! {
        <li id=anchor class="px-5 py-3.5 scroll-mt-16 target:bg-primary/5">
            <p class="text-sm">{rule.words}</p>
            <details class="group mt-1">
                <summary class="flex flex-wrap items-center gap-x-3 gap-y-1 cursor-pointer list-none">
                    <span class="note inline-flex items-center gap-0.5 hover:underline">
                        <Icon shape=Shape::ChevronRight class="size-3.5 group-open:rotate-90"/>
                        "Cedar"
                    </span>
                    <span class="id">{rule.id}</span>
                    {tier}
                    {exemptible}
                    {cases.map(|cases| view! { <span class="note">{cases}</span> })}
                </summary>
                <pre class="mt-2 overflow-x-auto rounded-field border border-base-300 bg-base-200 p-3 text-[0.8rem] leading-relaxed" tabindex="0"><code>{rule.cedar}</code></pre>
                {pinned}
            </details>
        </li>
    }
    .into_any()
}
