//! Accounts as a table, and one opt-out's as facts.

use domain::{budget::Burn, window::Instant};
use leptos::prelude::*;

use super::view::{AccountView, BudgetView};
use crate::component::{
    badge::{Badge, TierMark, Tone},
    empty_state::EmptyState,
    facts::Fact,
    icon::Shape,
    panel::Panel,
    table::{Column, Table},
    time::{Time, TimeForm},
};

/// Where all accounts are shown.
const ALL: &str = "/policies#budgets";

/// Facts about the accounts that one opt-out is charged to.
#[component]
pub(crate) fn BudgetFacts(budgets: Vec<BudgetView>) -> impl IntoView {
    (!budgets.is_empty()).then(|| {
        let lines = budgets
            .into_iter()
            .map(|budget| {
                view! {
                    <span class="block">
                        {format!("{}, {}: ", budget.team, budget.tier.name)}
                        <b class="num font-medium">{budget.words()}</b>
                        " "
                        <BurnBadge burn=budget.burn/>
                    </span>
                }
            })
            .collect_view();
        view! {
            <Fact name="Budget left">
                {lines} <a class="note link link-hover" href=ALL rel="external">
                    "Bypasses in 30 days"
                </a>
            </Fact>
        }
    })
}

/// All accounts.
#[component]
pub(crate) fn BudgetPanel(accounts: Vec<AccountView>, now: Instant) -> impl IntoView {
    let untouched = accounts.iter().filter(|line| line.budget.used == 0).count();
    let used: Vec<AccountView> = accounts.into_iter().filter(|line| line.budget.used > 0).collect();
    let rest = match untouched {
        0 => None,
        1 => Some("One more account is untouched.".to_owned()),
        more => Some(format!("{more} more accounts are untouched.")),
    };
    let table = if used.is_empty() {
        view! {
            <EmptyState
                shape=Shape::Scale
                title="No budget is touched"
                note="A bypass is charged to the teams that own what it covers, for 30 days."
            />
        }
        .into_any()
    } else {
        let columns = vec![
            Column::new("Team"),
            Column::new("Tier"),
            Column::right("Left"),
            Column::new("What is charged"),
        ];
        let rows = used.into_iter().map(|line| row(line, now)).collect_view();
        view! {
            <Table caption="Budgets of bypasses, by team and tier" columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let note = "Bypasses per team and tier in 30 days. An empty budget asks one stage more.";
    view! {
        <section id="budgets" class="scroll-mt-16">
            <Panel
                title="Budgets"
                aside=view! { <p class="note">{note}</p> }.into_any()
                flush=true
            >
                {table}
                {rest.map(|rest| view! { <p class="note px-5 py-3">{rest}</p> })}
            </Panel>
        </section>
    }
    .into_any()
}

fn row(line: AccountView, now: Instant) -> impl IntoView {
    let budget = line.budget;
    let bar = budget.budget.filter(|most| *most > 0).map(|most| {
        let label = format!(
            "{}, {}: {} of {most} used",
            budget.team, budget.tier.name, budget.used
        );
        view! {
            <progress
                class="progress w-24 block ml-auto mt-1"
                value=budget.used.min(most).to_string()
                max=most.to_string()
                aria-label=label
            ></progress>
        }
    });
    let charges = line
        .charges
        .into_iter()
        .map(|(at, shown)| {
            let what = match shown {
                Some((id, title)) => view! {
                    <a class="link link-hover" href=format!("/opt-outs/{id}")>
                        {title}
                    </a>
                }
                .into_any(),
                None => view! { <span class="note">"one that you may not see"</span> }.into_any(),
            };
            view! {
                <li>
                    {what} <span class="note">", " <Time at now form=TimeForm::Relative/></span>
                </li>
            }
        })
        .collect_view();
    view! {
        <tr>
            <td class="font-medium">{budget.team.clone()}</td>
            <td>
                <TierMark tier=budget.tier.clone()/>
            </td>
            <td class="text-right whitespace-nowrap">
                <span class="num">{budget.words()}</span>
                " "
                <BurnBadge burn=budget.burn/>
                {bar}
            </td>
            <td>
                <ul>{charges}</ul>
            </td>
        </tr>
    }
}

#[component]
fn BurnBadge(burn: Burn) -> impl IntoView {
    match burn {
        Burn::Calm => None,
        Burn::Slow => Some((Tone::Lax, "burning: gone in 15 days")),
        Burn::Fast => Some((Tone::Danger, "burning fast: gone in 5 days")),
    }
    .map(|(tone, text)| view! { <Badge tone text shape=Shape::Flame/> })
}
