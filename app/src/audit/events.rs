//! `/audit`: the events of the ledger, newest first.

use domain::event::EventKind;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::list_events,
    look::look,
    tabs::{Tab, Tabs},
    view::{EventQuery, EventRow, EventsView},
};
use crate::component::{
    address::page_links,
    empty_state::EmptyState,
    field::Choice,
    filter_bar::{FilterBar, FilterSelect, FilterText},
    filter_day::FilterDay,
    icon::{Icon, Shape},
    id::Id,
    load::load,
    page_header::PageHeader,
    pager::Pager,
    panel::Panel,
    table::{Column, Table},
    time::{Time, TimeForm},
};

const PATH: &str = "/audit";

/// The log.
#[component]
pub(crate) fn Events() -> impl IntoView {
    let address = use_query_map();
    let query = Memo::new(move |_| {
        address.with(|address| {
            let value = |name: &str| address.get(name).unwrap_or_default();
            EventQuery {
                kind: value("kind"),
                actor: value("actor"),
                object: value("object"),
                from: value("from"),
                until: value("until"),
                before: value("before"),
            }
        })
    });
    let list = Resource::new(move || query.get(), list_events);
    load(list, move |list| {
        let (older, newest) = page_links(PATH, &address.get_untracked(), list.next.as_deref());
        let query = query.get_untracked();
        view! {
            <PageHeader
                title="Audit log"
                note="Every change of state, as the ledger holds it. Nothing here is ever changed or deleted."
            />
            <Tabs shown=Tab::Events/>
            <Filters query=query.clone()/>
            <div class="mt-5">
                <Panel title="Events, newest first" flush=true>
                    <Rows list filtered=query.is_filtered()/>
                    <Pager older newest/>
                </Panel>
            </div>
        }
        .into_any()
    })
}

#[component]
fn Filters(query: EventQuery) -> impl IntoView {
    view! {
        <FilterBar action=PATH active=query.is_filtered()>
            <FilterSelect label="Kind" name="kind" value=query.kind choices=kinds()/>
            <FilterText label="Who" name="actor" value=query.actor/>
            <FilterText label="About (id)" name="object" value=query.object/>
            <FilterDay label="From (UTC)" name="from" value=query.from/>
            <FilterDay label="Until" name="until" value=query.until/>
        </FilterBar>
    }
    .into_any()
}

/// Each aggregate, followed by its kinds.
fn kinds() -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "All kinds")];
    let mut aggregate = "";
    for kind in EventKind::ALL {
        let (of, verb) = kind.as_str().split_once('.').unwrap_or((kind.as_str(), ""));
        if of != aggregate {
            aggregate = of;
            choices.push(Choice::new(format!("{of}."), format!("All of {}", words(of))));
        }
        choices.push(Choice::new(
            kind.as_str(),
            format!("{}: {}", words(of), words(verb)),
        ));
    }
    choices
}

fn words(name: &str) -> String {
    name.replace("opt_out", "opt-out").replace('_', " ")
}

#[component]
fn Rows(list: EventsView, filtered: bool) -> impl IntoView {
    if list.rows.is_empty() {
        let (title, note) = if filtered {
            (
                "No event matches",
                "Clear the filter to see the others. An id has to be whole, as the copy button gives it.",
            )
        } else {
            (
                "Nothing has happened yet",
                "Each request, vote, approval, end and sign-in is listed here from its commit on.",
            )
        };
        return view! { <EmptyState shape=Shape::Scroll title note/> }.into_any();
    }
    let now = list.now;
    let rows = list
        .rows
        .into_iter()
        .map(|row| event_row(row, now))
        .collect_view();
    let columns = vec![
        Column::new("What happened"),
        Column::new("About"),
        Column::new("Event"),
        Column::right("When"),
    ];
    view! {
        <Table caption="Events" columns>
            {rows}
        </Table>
    }
    .into_any()
}

fn event_row(row: EventRow, now: domain::window::Instant) -> impl IntoView {
    let (shape, _) = look(row.kind);
    let about = match row.object.href {
        Some(href) => view! { <Id value=row.object.id href/> }.into_any(),
        None => view! { <Id value=row.object.id/> }.into_any(),
    };
    view! {
        <tr>
            <td class="wrap-anywhere">
                <span class="flex gap-2.5">
                    <span class="text-base-content/60 mt-0.5">
                        <Icon shape class="size-4"/>
                    </span>
                    <span class="min-w-0">
                        <b class="font-medium">{row.who}</b>
                        " "
                        {row.did}
                    </span>
                </span>
            </td>
            <td class="whitespace-nowrap">
                <span class="note">{row.object.kind} " "</span>
                {about}
            </td>
            <td>
                <Id value=row.id.clone() href=format!("/audit/events/{}", row.id)/>
            </td>
            <td class="text-right whitespace-nowrap">
                <Time at=row.at now form=TimeForm::Absolute/>
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::kinds;

    #[test]
    fn every_kind_stands_below_its_aggregate_once() {
        let values: Vec<String> = kinds().into_iter().map(|choice| choice.value).collect();
        let place = |value: &str| values.iter().position(|found| found == value);
        assert!(place("opt_out.") < place("opt_out.requested"));
        let aggregates = values.iter().filter(|value| value.ends_with('.')).count();
        assert_eq!(values.len(), 1 + aggregates + domain::event::EventKind::ALL.len());
        assert_eq!(values.iter().filter(|value| *value == "opt_out.").count(), 1);
    }
}
