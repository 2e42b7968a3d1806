//! `/policies`: what decides, in plain words and in Cedar.

use leptos::prelude::*;

use super::{api::get_policy, rules::RuleGroups, scenarios::Cases, tier_list::TierList, view::PolicyView};
use crate::{
    budgets::BudgetPanel,
    component::{
        icon::{Icon, Shape},
        id::Id,
        load::load,
        page_header::PageHeader,
        time::Time,
    },
};

/// The policy version in force.
#[component]
pub(crate) fn Policies() -> impl IntoView {
    let policy = Resource::new(|| (), |()| get_policy());
    load(policy, |policy| view! { <Shown policy/> })
}

#[component]
fn Shown(policy: PolicyView) -> impl IntoView {
    let now = policy.now;
    let since = policy
        .published_at
        .map(|at| view! { <span class="text-base-content/70">"in force since " <Time at now/></span> });
    let badges = view! {
        <Id value=policy.digest.clone() copy=true/>
        {since}
    };
    let request = policy.may_request.then(|| {
        view! {
            <a class="btn btn-primary btn-sm" href="/opt-outs/request">
                <Icon shape=Shape::Plus/>
                "Request opt-out"
            </a>
        }
    });
    let rules: usize = policy.groups.iter().map(|group| group.rules.len()).sum();
    let note = format!(
        "A request falls into a tier; the rules say whether it may be granted at all, and whether without a person. {} tiers, {rules} rules, {} cases for an opt-out.",
        policy.tiers.len(),
        policy.scenarios.len(),
    );
    view! {
        <PageHeader
            title="Policies"
            note
            badges=badges.into_any()
            actions=view! { {request} }.into_any()
        />
        <nav aria-label="On this page" class="mt-5 flex flex-wrap gap-2 text-sm">
            <a class="btn btn-sm" href="#tiers" rel="external">"Tiers"</a>
            <a class="btn btn-sm" href="#budgets" rel="external">"Budgets"</a>
            <a class="btn btn-sm" href="#rules" rel="external">"Rules"</a>
            <a class="btn btn-sm" href="#scenarios" rel="external">"Cases"</a>
        </nav>
        <div class="mt-5 space-y-5">
            <TierList tiers=policy.tiers/>
            <BudgetPanel accounts=policy.budgets now/>
            <RuleGroups groups=policy.groups/>
            <Cases cases=policy.scenarios/>
        </div>
    }
    .into_any()
}
