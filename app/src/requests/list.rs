//! The list of requests. What it shows stands in its address.

use domain::window::Instant;
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::{
    api::list_requests,
    view::{Ends, RequestFilter, RequestList, RequestRowView, Stand},
};
use crate::component::{
    address::page_links,
    badge::{AccessRequestBadge, EmergencyBadge, GrantBadge, TierMark},
    empty_state::EmptyState,
    field::Choice,
    filter_bar::{FilterBar, FilterSelect, FilterText},
    icon::Shape,
    id::Id,
    load::load,
    page_header::PageHeader,
    pager::Pager,
    table::{Column, Table},
    time::{Time, TimeForm, length},
};

const PATH: &str = "/requests";

#[component]
pub(crate) fn RequestsPage() -> impl IntoView {
    let address = use_query_map();
    let list = Resource::new(move || read(&address.read()), list_requests);
    load(
        list,
        move |list| view! { <Requests list address=address.get_untracked()/> },
    )
}

fn read(address: &ParamsMap) -> RequestFilter {
    let text = |name: &str| address.get(name).unwrap_or_default();
    RequestFilter {
        show: text("show"),
        state: text("state"),
        principal: text("principal"),
        resource: text("resource"),
        before: text("before"),
    }
}

#[component]
fn Requests(list: RequestList, address: ParamsMap) -> impl IntoView {
    let filter = read(&address);
    let narrowed = [&filter.state, &filter.principal, &filter.resource]
        .iter()
        .any(|text| !text.is_empty());
    let (older, newest) = page_links(PATH, &address, list.next.as_deref());
    let (title, note) = if list.mine {
        (
            "My requests",
            "Access that was asked for you, or for a job that you started.",
        )
    } else {
        ("Requests", "Access that policy left to people to decide.")
    };
    let now = list.now;
    let (mine, may_see_all) = (list.mine, list.may_see_all);
    let body = if list.rows.is_empty() {
        view! { <Nothing narrowed mine/> }.into_any()
    } else {
        view! { <Rows rows=list.rows now/> }.into_any()
    };
    view! {
        <PageHeader title=title note=note/>
        <Filters filter may_see_all active=narrowed/>
        <section class="panel mt-5 overflow-x-auto">
            {body}
            <Pager older newest/>
        </section>
    }
    .into_any()
}

#[component]
fn Filters(filter: RequestFilter, may_see_all: bool, active: bool) -> impl IntoView {
    let whose = may_see_all.then(|| {
        let choices = vec![Choice::new("", "Everybody’s"), Choice::new("mine", "Mine")];
        view! { <FilterSelect label="Whose" name="show" value=filter.show choices/> }
    });
    let states = [
        ("", "Any"),
        ("in_review", "In review"),
        ("approved", "Approved"),
        ("denied", "Denied"),
        ("withdrawn", "Withdrawn"),
        ("expired", "Expired"),
        ("voided", "Voided"),
    ]
    .map(|(value, label)| Choice::new(value, label))
    .to_vec();
    view! {
        <FilterBar action=PATH active>
            {whose}
            <FilterSelect label="State" name="state" value=filter.state choices=states/>
            <FilterText label="Who, by id" name="principal" value=filter.principal/>
            <FilterText label="Resource, by id" name="resource" value=filter.resource/>
        </FilterBar>
    }
    .into_any()
}

#[component]
fn Nothing(narrowed: bool, mine: bool) -> impl IntoView {
    let (title, note) = match (narrowed, mine) {
        (true, _) => (
            "Nothing matches",
            "No request fits these filters. Clear one of them.",
        ),
        (false, true) => (
            "You have asked for nothing that a person had to decide",
            "When policy leaves a request of yours, or of a job that you started, to a person, it stands here until it is settled and after.",
        ),
        (false, false) => (
            "No requests yet",
            "When policy leaves a request to a person, whoever asked files it here through their pipeline or tool.",
        ),
    };
    view! { <EmptyState shape=Shape::Key title=title note=note/> }.into_any()
}

#[component]
fn Rows(rows: Vec<RequestRowView>, now: Instant) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/requests/{}", row.id);
            view! {
                <tr>
                    <td>
                        <a class="font-medium link link-hover" href=href>
                            {row.title}
                        </a>
                        <span class="note block">{row.who} " · " <Id value=row.id/></span>
                    </td>
                    <td>
                        <span class="flex flex-wrap gap-1">
                            {row.emergency.then(|| view! { <EmergencyBadge/> })} <StandBadge stand=row.stand/>
                        </span>
                    </td>
                    <td>
                        <TierMark tier=row.tier/>
                    </td>
                    <td class="max-w-72">
                        <span class="line-clamp-2 wrap-anywhere">{row.decided_by}</span>
                    </td>
                    <td class="text-right whitespace-nowrap">
                        <EndsText ends=row.ends now form=TimeForm::Stacked/>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table
            caption="Requests, newest first"
            columns=vec![
                Column::new("What and who"),
                Column::new("State"),
                Column::new("Tier"),
                Column::new("Decided by"),
                Column::right("Ends"),
            ]
        >
            {rows}
        </Table>
    }
    .into_any()
}

/// Where it stands.
#[component]
pub(crate) fn StandBadge(stand: Stand) -> impl IntoView {
    match stand {
        Stand::Request { state, stages } => {
            view! { <AccessRequestBadge state stages=Some(stages)/> }.into_any()
        }
        Stand::Grant(state) => view! { <GrantBadge state/> }.into_any(),
    }
}

/// Its end.
#[component]
pub(crate) fn EndsText(ends: Ends, now: Instant, #[prop(optional)] form: TimeForm) -> impl IntoView {
    match ends {
        Ends::After(secs) => {
            view! { <span class="num">{format!("asked for {}", length(secs))}</span> }.into_any()
        }
        Ends::At(at) => view! { <Time at now form/> }.into_any(),
        Ends::Never => view! { <span aria-label="never began">"–"</span> }.into_any(),
    }
}
