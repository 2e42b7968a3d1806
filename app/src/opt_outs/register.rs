//! `/opt-outs`: all opt-outs that the reader may see, newest first.

use domain::opt_out::OptOutState;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::list_opt_outs,
    hours::HoursNow,
    view::{RegisterQuery, RegisterRow, RegisterView, Whose},
};
use crate::component::{
    address::page_links,
    badge::{DirectionBadge, OptOutBadge, TierMark},
    empty_state::EmptyState,
    field::Choice,
    filter_bar::{FilterBar, FilterSelect},
    icon::{Icon, Shape},
    load::load,
    page_header::PageHeader,
    pager::Pager,
    panel::Panel,
    table::{Column, Table},
    time::{Time, TimeForm},
};

const PATH: &str = "/opt-outs";

/// The register.
#[component]
pub(crate) fn Register() -> impl IntoView {
    let address = use_query_map();
    let query = Memo::new(move |_| {
        address.with(|address| {
            let value = |name: &str| address.get(name).unwrap_or_default();
            RegisterQuery {
                phase: value("phase"),
                direction: value("direction"),
                team: value("team"),
                whose: value("whose"),
                before: value("before"),
            }
        })
    });
    let list = Resource::new(move || query.get(), list_opt_outs);
    load(list, move |list| {
        let links = page_links(PATH, &address.get_untracked(), list.next.as_deref());
        view! { <Listed list query=query.get_untracked() links/> }
    })
}

#[component]
fn Listed(
    list: RegisterView,
    query: RegisterQuery,
    links: (Option<String>, Option<String>),
) -> impl IntoView {
    let note = match list.whose {
        Whose::OnlyMine => "What you asked to take out of the automation.",
        Whose::Mine | Whose::Everybody => {
            "Everything that is, was or is asked to be out of the automation. Each ends by itself."
        }
    };
    let request = list.may_request.then(|| {
        view! {
            <a class="btn btn-primary btn-sm" href="/opt-outs/request">
                <Icon shape=Shape::Plus/>
                "Request opt-out"
            </a>
        }
    });
    let break_glass = list.may_break_glass.then(|| {
        view! {
            <a class="btn btn-outline btn-error btn-sm" href="/opt-outs/break-glass">
                <Icon shape=Shape::Triangle/>
                "Break glass"
            </a>
        }
    });
    let (older, newest) = links;
    let actions = view! {
        <div class="flex flex-wrap gap-2">{request} {break_glass}</div>
    }
    .into_any();
    view! {
        <PageHeader title="Opt-outs" note actions/>
        <Filters list=list.clone() query=query.clone()/>
        <div class="mt-5">
            <Panel title=heading(&query) flush=true>
                <Rows list filtered=query.is_filtered()/>
                <Pager older newest/>
            </Panel>
        </div>
    }
    .into_any()
}

fn heading(query: &RegisterQuery) -> &'static str {
    match query.phase.as_str() {
        "pending" => "Waiting for approval",
        "scheduled" => "Approved, to start",
        "in_force" => "In force",
        "over" => "Over",
        _ => "Newest first",
    }
}

#[component]
fn Filters(list: RegisterView, query: RegisterQuery) -> impl IntoView {
    let phases = vec![
        Choice::new("", "Any phase"),
        Choice::new("in_force", "In force"),
        Choice::new("pending", "Pending"),
        Choice::new("scheduled", "Scheduled"),
        Choice::new("over", "Over"),
    ];
    let directions = vec![
        Choice::new("", "Both directions"),
        Choice::new("to_manual", "To manual"),
        Choice::new("bypass", "Bypass"),
    ];
    let teams = [Choice::new("", "All teams")]
        .into_iter()
        .chain(list.teams)
        .collect::<Vec<_>>();
    let whose = (list.whose != Whose::OnlyMine).then(|| {
        let choices = vec![Choice::new("", "Everybody’s"), Choice::new("mine", "Mine")];
        view! { <FilterSelect label="Whose" name="whose" value=query.whose.clone() choices/> }
    });
    view! {
        <FilterBar action=PATH active=query.is_filtered()>
            <FilterSelect label="Phase" name="phase" value=query.phase choices=phases/>
            <FilterSelect label="Direction" name="direction" value=query.direction choices=directions/>
            <FilterSelect label="Team" name="team" value=query.team choices=teams/>
            {whose}
        </FilterBar>
    }
    .into_any()
}

#[component]
fn Rows(list: RegisterView, filtered: bool) -> impl IntoView {
    if list.rows.is_empty() {
        return view! { <Nothing filtered may_request=list.may_request/> }.into_any();
    }
    let now = list.now;
    let rows = list
        .rows
        .into_iter()
        .map(|row| {
            let href = format!("{PATH}/{}", row.id);
            let when = when(&row);
            let hours = row.hours.clone().map(|hours| {
                let words = format!("only {}", hours.words);
                let now = matches!(row.state, OptOutState::Approved | OptOutState::Active)
                    .then(|| view! { " · " <HoursNow hours now/> });
                view! { <p class="note">{words} {now}</p> }
            });
            view! {
                <tr>
                    <td class="min-w-72">
                        <a class="font-medium link-hover link" href=href>
                            {row.title}
                        </a>
                        <p class="note">{row.scope}</p>
                        {hours}
                    </td>
                    <td>
                        <OptOutBadge state=row.state stages=Some(row.stages)/>
                    </td>
                    <td>
                        <DirectionBadge direction=row.direction/>
                    </td>
                    <td>
                        <TierMark tier=row.tier/>
                    </td>
                    <td class="whitespace-nowrap">{row.requested_by}</td>
                    // The word may break, so that the longest one pushes nothing out at the edge.
                    <td class="text-right">
                        {when.0} " "
                        <span class="whitespace-nowrap">
                            <Time at=when.1 now form=TimeForm::Relative/>
                        </span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::new("Opt-out"),
        Column::new("State"),
        Column::new("Direction"),
        Column::new("Tier"),
        Column::new("Asked by"),
        Column::right("When"),
    ];
    view! {
        <Table caption="Opt-outs" columns>
            {rows}
        </Table>
    }
    .into_any()
}

/// The instant that matters next, or mattered last, with the word before it.
fn when(row: &RegisterRow) -> (&'static str, domain::window::Instant) {
    use OptOutState as S;
    match row.state {
        S::Requested | S::InReview { .. } => ("lapses", row.lapses_at),
        S::Approved => ("starts", row.starts_at),
        S::Active | S::Suspended => match row.closes_at {
            Some(closes_at) => ("closes, if not needed,", closes_at),
            None => ("ends", row.ends_at),
        },
        S::Expired => ("ended", row.ends_at),
        S::Revoked | S::Exhausted | S::ClosedEarly => ("was to end", row.ends_at),
        S::Rejected | S::Withdrawn | S::Lapsed => ("was to start", row.starts_at),
    }
}

#[component]
fn Nothing(filtered: bool, may_request: bool) -> impl IntoView {
    if filtered {
        return view! {
            <EmptyState
                shape=Shape::Filter
                title="No opt-out matches"
                note="Clear the filter to see the others."
                action=view! {
                    <a class="btn btn-sm" href=PATH>
                        "Clear the filter"
                    </a>
                }
                    .into_any()
            />
        }
        .into_any();
    }
    let action = view! {
        {may_request
            .then(|| {
                view! {
                    <a class="btn btn-primary btn-sm" href="/opt-outs/request">
                        "Request opt-out"
                    </a>
                }
            })}
        <a class="btn btn-sm" href="/policies#scenarios">
            "See the cases"
        </a>
    };
    view! {
        <EmptyState
            shape=Shape::Branch
            title="Nothing is out of the automation"
            note="An opt-out takes named people, resources or rules out of it: for a stated reason, for a limited time, approved by somebody else. It is listed here from the moment it is asked for."
            action=action.into_any()
        />
    }
    .into_any()
}
