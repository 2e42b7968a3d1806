//! `/settings/deliveries`: what has not arrived, for administrators.

use domain::window::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::undelivered,
    view::{DeliveriesView, DeliveryView, WayView},
};
use crate::{
    component::{
        address::page_links,
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        icon::{Icon, Shape},
        load::load,
        page_header::{Crumb, PageHeader},
        pager::Pager,
        panel::Panel,
        time::Time,
    },
    form::{Submission, use_submission},
};

const PATH: &str = "/settings/deliveries";

#[component]
pub(crate) fn DeliveriesPage() -> impl IntoView {
    let submission = use_submission().of(&["resend", "resend_all"]);
    let address = use_query_map();
    let deliveries = Resource::new(
        move || address.read().get("before").unwrap_or_default(),
        undelivered,
    );
    load(deliveries, move |deliveries| {
        let links = page_links(PATH, &address.get_untracked(), deliveries.next.as_deref());
        view! { <Deliveries deliveries links submission=submission.clone()/> }
    })
}

#[component]
fn Deliveries(
    deliveries: DeliveriesView,
    links: (Option<String>, Option<String>),
    submission: Submission,
) -> impl IntoView {
    let now = deliveries.now;
    let (older, newest) = links;
    let nothing = deliveries.dead.is_empty() && deliveries.retried.is_empty() && newest.is_none();
    let body = if nothing {
        view! {
            <section class="panel">
                <EmptyState
                    shape=Shape::CircleCheck
                    title="Everything has arrived"
                    note="A delivery that fails is tried ten times over three days. What still has not arrived then waits here to be sent again."
                />
            </section>
        }
        .into_any()
    } else {
        view! {
            <SendAll ways=deliveries.ways/>
            <List title="Given up" rows=deliveries.dead now/>
            <Pager older newest/>
            <List title="Tried again" rows=deliveries.retried now/>
        }
        .into_any()
    };
    view! {
        <PageHeader
            title="Deliveries"
            note="What has not arrived, newest first. A delivery keeps its id, so a receiver that has had it drops it."
            crumbs=vec![Crumb::link("How I am told", "/settings/notices"), Crumb::here("Deliveries")]
        />
        <ErrorSummary submission/>
        <div class="mt-5 space-y-5">{body}</div>
    }
    .into_any()
}

/// One button for each way that something was given up on.
#[component]
fn SendAll(ways: Vec<WayView>) -> impl IntoView {
    (!ways.is_empty()).then(|| {
        let buttons = ways
            .into_iter()
            .map(|WayView { way, to }| {
                view! {
                    <form method="post" action=PATH>
                        <input type="hidden" name="way" value=way/>
                        <button class="btn btn-sm" name="intent" value="resend_all">
                            <Icon shape=Shape::Refresh/>
                            {format!("Send all again: {to}")}
                        </button>
                    </form>
                }
            })
            .collect_view();
        view! { <div class="flex flex-wrap gap-2">{buttons}</div> }.into_any()
    })
}

#[component]
fn List(title: &'static str, rows: Vec<DeliveryView>, now: Instant) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        let rows = rows
            .into_iter()
            .map(|row| view! { <Undelivered row now/> })
            .collect_view();
        view! {
            <Panel title flush=true>
                <ul class="divide-y divide-base-300">{rows}</ul>
            </Panel>
        }
        .into_any()
    })
}

#[component]
fn Undelivered(row: DeliveryView, now: Instant) -> impl IntoView {
    let attempts = match row.attempts {
        1 => "one attempt".to_owned(),
        count => format!("{count} attempts"),
    };
    let next = row.next_at.map(|at| view! { " · next " <Time at now/> });
    let resend = row.next_at.is_none().then(|| {
        let label = format!("Send again: {}, to {}", row.tells, row.to);
        view! {
            <form method="post" action=PATH>
                <input type="hidden" name="id" value=row.id.clone()/>
                <button class="btn btn-sm" name="intent" value="resend" aria-label=label>
                    <Icon shape=Shape::Refresh/>
                    "Send again"
                </button>
            </form>
        }
    });
    view! {
        <li class="flex flex-wrap items-start gap-4 px-5 py-3 text-sm">
            <div class="min-w-0 grow basis-64">
                <p class="font-medium wrap-anywhere">{row.tells}</p>
                <p class="note mt-0.5 wrap-anywhere">{format!("{} to {} · {attempts}", row.channel, row.to)}</p>
                <p class="mt-0.5 text-error wrap-anywhere">{row.last_error}</p>
                <p class="note mt-0.5">
                    <Time at=row.at now/>
                    {next}
                </p>
            </div>
            {resend}
        </li>
    }
    .into_any()
}
