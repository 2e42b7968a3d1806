//! The tiers, each with what it demands: only what this version of Spillway holds people to, whatever else the text says.

use domain::{
    approval::MOST_AT_ONCE,
    opt_out::{Direction, length_in_words},
};
use leptos::prelude::*;

use super::view::{AllowanceView, TierDetailView};
use crate::component::{
    badge::TierMark,
    facts::{Fact, Facts},
};

/// The tiers, strictest first.
#[component]
pub(super) fn TierList(tiers: Vec<TierDetailView>) -> impl IntoView {
    let cards = tiers
        .into_iter()
        .map(|tier| view! { <TierCard tier/> })
        .collect_view();
    view! {
        <section id="tiers" aria-labelledby="tiers-heading">
            <h2 id="tiers-heading" class="panel-title mb-3">
                "Tiers, strictest first"
            </h2>
            <div class="grid gap-5 lg:grid-cols-2">{cards}</div>
        </section>
    }
    .into_any()
}

#[component]
fn TierCard(tier: TierDetailView) -> impl IntoView {
    let id = format!("tier-{}", tier.tier.name);
    let binding = (!tier.binding.is_empty()).then(|| {
        view! { <Fact name="Bound to">{format!("{}; another value needs another grant", tier.binding.join(", "))}</Fact> }
    });
    let extra = (!tier.extra_stages.is_empty()).then(|| {
        view! { <Fact name="One more">{stages(&tier.extra_stages)}</Fact> }
    });
    let budget = tier.budget.map(|budget| {
        view! { <Fact name="Budget">{format!("{budget} bypasses per team in 30 days; empty, one stage more")}</Fact> }
    });
    let fallback = tier.fallback.clone().map(|who| {
        view! { <Fact name="Fallback">{format!("{who}, where too few of a stage are left after exclusions")}</Fact> }
    });
    let together = tier.approved_together.then(|| {
        view! { <Fact name="At once">{format!("up to {MOST_AT_ONCE} that are alike can be approved together")}</Fact> }
    });
    let broad = broad(tier.most_covered).map(|words| view! { <Fact name="A bypass covers">{words}</Fact> });
    let step_up = tier.step_up.then(|| {
        view! { <Fact name="Sign-in">"approvers sign in afresh for each vote"</Fact> }
    });
    let review = tier.review.clone().map(|(by, within)| {
        view! { <Fact name="Reviewed by">{format!("{by}, within {} of its end", length_in_words(within))}</Fact> }
    });
    let channel = tier
        .channel
        .clone()
        .map(|channel| view! { <Fact name="Channel">{channel}</Fact> });
    let (default, longest) = tier.grant_secs;
    let (request, opt_out) = tier.lapse_secs;
    view! {
        <article class="panel p-5" id=id>
            <h3 class="font-semibold">
                <TierMark tier=tier.tier/>
            </h3>
            <p class="note mt-1 mb-4">{tier.description}</p>
            <Facts>
                <Fact name="Access">{stages(&tier.access_stages)}</Fact>
                <Fact name="Opt-out">{stages(&tier.opt_out_stages)}</Fact>
                {extra}
                {fallback}
                {budget}
                {broad}
                <Fact name="A grant lasts">
                    {format!("{}, at most {}", length_in_words(default), length_in_words(longest))}
                </Fact>
                <Fact name="Decided in">
                    {format!("{} for access, {} for an opt-out", length_in_words(request), length_in_words(opt_out))}
                </Fact>
                <Fact name="May opt out">{allowances(&tier.may_opt_out)}</Fact>
                <Fact name="Reason">{format!("at least {} characters", tier.reason_min_chars)}</Fact>
                {binding}
                {step_up}
                {review}
                {channel}
                {together}
            </Facts>
        </article>
    }
    .into_any()
}

/// "at most 20 people and workloads, 5 resources".
fn broad((principals, resources): (Option<u32>, Option<u32>)) -> Option<String> {
    let principals = principals.map(|most| format!("{most} people and workloads"));
    let resources = resources.map(|most| format!("{most} resources"));
    let parts: Vec<String> = principals.into_iter().chain(resources).collect();
    (!parts.is_empty()).then(|| format!("at most {}", parts.join(", ")))
}

fn stages(stages: &[(String, String)]) -> impl IntoView + use<> {
    let items = stages
        .iter()
        .map(|(name, demand)| {
            view! {
                <li>
                    <b class="font-medium">{name.clone()}</b>
                    ": "
                    {demand.clone()}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="list-decimal pl-4">{items}</ol> }
}

fn allowances(lines: &[AllowanceView]) -> impl IntoView + use<> {
    if lines.is_empty() {
        return view! { "nobody" }.into_any();
    }
    let items = lines
        .iter()
        .map(|line| {
            let directions: Vec<&str> = line.directions.iter().copied().map(direction_word).collect();
            let words = format!(
                "{}, up to {}",
                directions.join(" or "),
                length_in_words(line.longest_secs)
            );
            view! {
                <li>
                    <b class="font-medium">{line.group.clone()}</b>
                    ": "
                    {words}
                </li>
            }
        })
        .collect_view();
    view! {
        <ol class="list-decimal pl-4">{items}</ol>
        {(lines.len() > 1).then(|| view! { <p class="note">"The first line that names a group of yours counts."</p> })}
    }
    .into_any()
}

/// The word of a direction in a sentence.
pub(super) const fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::ToManual => "to manual",
        Direction::Bypass => "bypass",
    }
}
