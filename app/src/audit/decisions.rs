//! `/audit/decisions`: what was decided, newest first.

use domain::outcome::Outcome;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::list_decisions,
    tabs::{Tab, Tabs},
    view::{DecisionQuery, DecisionRow, DecisionsView},
};
use crate::component::{
    address::page_links,
    badge::{OutcomeBadge, TierMark},
    empty_state::EmptyState,
    field::Choice,
    filter_bar::{FilterBar, FilterSelect, FilterText},
    filter_day::FilterDay,
    icon::Shape,
    id::Id,
    load::load,
    page_header::PageHeader,
    pager::Pager,
    panel::Panel,
    table::{Column, Table},
    time::{Time, TimeForm},
};

const PATH: &str = "/audit/decisions";

/// The decisions.
#[component]
pub(crate) fn Decisions() -> impl IntoView {
    let address = use_query_map();
    let query = Memo::new(move |_| {
        address.with(|address| {
            let value = |name: &str| address.get(name).unwrap_or_default();
            DecisionQuery {
                principal: value("principal"),
                resource: value("resource"),
                outcome: value("outcome"),
                changed: value("changed"),
                from: value("from"),
                until: value("until"),
                before: value("before"),
            }
        })
    });
    let list = Resource::new(move || query.get(), list_decisions);
    load(list, move |list| {
        let (older, newest) = page_links(PATH, &address.get_untracked(), list.next.as_deref());
        let query = query.get_untracked();
        view! {
            <PageHeader
                title="Audit log"
                window_title="Decisions"
                note="Every evaluation, recorded before it was answered, with what it would have been without opt-outs."
            />
            <Tabs shown=Tab::Decisions/>
            <Filters query=query.clone()/>
            <div class="mt-5">
                <Panel title="Decisions, newest first" flush=true>
                    <Rows list filtered=query.is_filtered()/>
                    <Pager older newest/>
                </Panel>
            </div>
        }
        .into_any()
    })
}

#[component]
fn Filters(query: DecisionQuery) -> impl IntoView {
    let outcomes = [Choice::new("", "Any outcome")]
        .into_iter()
        .chain(
            Outcome::ALL
                .into_iter()
                .map(|outcome| Choice::new(outcome.as_str(), outcome.as_str())),
        )
        .collect::<Vec<_>>();
    let changed = vec![
        Choice::new("", "Changed or not"),
        Choice::new("yes", "Changed by opt-outs"),
    ];
    view! {
        <FilterBar action=PATH active=query.is_filtered()>
            <FilterText label="Who asked" name="principal" value=query.principal/>
            <FilterText label="Resource" name="resource" value=query.resource/>
            <FilterSelect label="Outcome" name="outcome" value=query.outcome choices=outcomes/>
            <FilterSelect label="Opt-outs" name="changed" value=query.changed choices=changed/>
            <FilterDay label="From (UTC)" name="from" value=query.from/>
            <FilterDay label="Until" name="until" value=query.until/>
        </FilterBar>
    }
    .into_any()
}

#[component]
fn Rows(list: DecisionsView, filtered: bool) -> impl IntoView {
    if list.rows.is_empty() {
        let (title, note) = if filtered {
            ("No decision matches", "Clear the filter to see the others.")
        } else {
            (
                "Nothing was decided yet",
                "As soon as a pipeline, gateway or service asks, its question and the answer are listed here.",
            )
        };
        return view! { <EmptyState shape=Shape::Scale title note/> }.into_any();
    }
    let now = list.now;
    let rows = list
        .rows
        .into_iter()
        .map(|row| decision_row(row, now))
        .collect_view();
    let columns = vec![
        Column::new("Who asked what"),
        Column::new("Tier"),
        Column::new("Without opt-outs"),
        Column::new("With them"),
        Column::new("Answer"),
        Column::right("When"),
    ];
    view! {
        <Table caption="Decisions" columns>
            {rows}
        </Table>
    }
    .into_any()
}

fn decision_row(row: DecisionRow, now: domain::window::Instant) -> impl IntoView {
    let exempt = row.effective < row.base;
    let answer = match (row.answer, row.by_grant) {
        (true, true) => "allowed by a grant",
        (true, false) => "allowed",
        (false, _) => "not allowed",
    };
    view! {
        <tr>
            <td class="wrap-anywhere">
                <a class="link link-hover font-medium" href=format!("{PATH}/{}", row.id)>
                    {row.words}
                </a>
                " "
                <Id value=row.id/>
            </td>
            <td>
                <TierMark tier=row.tier/>
            </td>
            <td>
                <OutcomeBadge outcome=row.base/>
            </td>
            <td>
                <OutcomeBadge outcome=row.effective exempt/>
            </td>
            <td class="whitespace-nowrap">{answer}</td>
            <td class="text-right whitespace-nowrap">
                <Time at=row.at now form=TimeForm::Absolute/>
            </td>
        </tr>
    }
}
